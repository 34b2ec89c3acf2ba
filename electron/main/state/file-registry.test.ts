import { describe, expect, it } from 'vitest';
import { FileRegistry } from './file-registry.js';

describe('FileRegistry', () => {
  it('gives every recording an id that tells nothing and cannot be guessed', () => {
    const registry = new FileRegistry();
    const first = registry.add('/music/interview.wav', 10);
    const second = registry.add('/music/other.wav', 20);
    expect(first).toMatchObject({ name: 'interview.wav', path: '/music/interview.wav', sizeBytes: 10 });
    expect(first.fileId).toMatch(/^[\w-]{16}$/);
    expect(first.fileId).not.toBe(second.fileId);
  });

  it('knows a recording that is added again', () => {
    const registry = new FileRegistry();
    expect(registry.add('/a.wav', 1)).toBe(registry.add('/a.wav', 1));
    expect(registry.all()).toHaveLength(1);
  });

  it('says what to do when a recording is gone', () => {
    const registry = new FileRegistry();
    const { fileId } = registry.add('/a.wav', 1);
    registry.remove(fileId);
    expect(registry.has(fileId)).toBe(false);
    expect(() => registry.get(fileId)).toThrow(/no longer in the queue/);
  });

  it('grants exactly the dropped path', () => {
    const registry = new FileRegistry();
    registry.grant('/music');
    expect(registry.isGranted('/music')).toBe(true);
    expect(registry.isGranted('/music/a.wav')).toBe(false);
    expect(registry.isGranted('/etc/passwd')).toBe(false);
  });
});
