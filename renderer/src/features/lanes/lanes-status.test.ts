import { describe, expect, it } from 'vitest';
import { lanesStatus } from './lanes-status.js';

describe('lanesStatus', () => {
  it('says why there are no lanes, quietly and in the words of the engine', () => {
    const message = 'Expected a gated net, found none. Install one.';
    expect(lanesStatus({ kind: 'failed', error: { code: 'MODEL_NOT_FOUND', message } }, null)).toBe(
      `No lanes: ${message}`,
    );
    expect(lanesStatus({ kind: 'failed', error: { code: 'CANCELLED', message: 'Cancelled.' } }, null)).toBe(
      'The lanes were stopped.',
    );
  });

  it('says how far it is, as soon as that is known', () => {
    const progress = {
      phase: 'analyse',
      fraction: 0.42,
      processedSeconds: 1,
      etaSeconds: null,
      realTimeFactor: null,
    } as const;
    expect(lanesStatus({ kind: 'none' }, null)).toContain('follow');
    expect(lanesStatus({ kind: 'running', progress: null }, null)).toBe('Estimating lanes …');
    expect(lanesStatus({ kind: 'running', progress }, null)).toBe('Estimating lanes … 42\u2009%');
    expect(lanesStatus({ kind: 'running', progress: { ...progress, fraction: null } }, null)).toBe(
      'Estimating lanes …',
    );
  });
});
