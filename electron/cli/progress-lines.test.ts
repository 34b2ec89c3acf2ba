import { describe, expect, it } from 'vitest';
import type { Progress } from '../contract/job.js';
import { fileLine, outcomeWords } from './progress-bar.js';
import { progressLines } from './progress-lines.js';

const total = { files: 2, filesEnded: 0, fraction: 0.5, etaSeconds: 3 };
const half: Progress = {
  ...{ phase: 'process', fraction: 0.5, processedSeconds: 1 },
  ...{ etaSeconds: 1, realTimeFactor: 80 },
};

describe('progressLines', () => {
  it('writes one JSON object per line: start, progress now and then, each file, and the end', () => {
    const lines: string[] = [];
    const view = progressLines((line) => lines.push(line));
    view.started({ inputs: ['/a\nb.wav', '/c.wav'], workers: 2 });
    for (let n = 0; n < 5; n += 1) view.progress(0, half, total);
    view.progress(1, half, total);
    view.fileEnded(0, { input: '/a\nb.wav', output: '/out/1.wav', status: 'done', seconds: 2 }, total);
    view.ended({ done: 1, failed: 1, skipped: 0, interrupted: false, sharedReportPath: null });
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    const events = lines.map((line) => JSON.parse(line) as { event: string; file?: number; input?: string });
    // Five times within a second is once.
    expect(events.map(({ event, file }) => `${event} ${file ?? ''}`.trim())).toEqual([
      ...['start', 'progress 1', 'progress 2', 'file 1', 'end'],
    ]);
    expect(events[1]).toMatchObject({ input: '/a\nb.wav', fraction: 0.5, etaSeconds: 1, total });
  });

  it('tells a script what was odd about a file that was done', () => {
    const lines: string[] = [];
    const warnings = [{ code: 'TRUNCATED', message: 'Two seconds are missing.' }];
    progressLines((line) => lines.push(line)).fileEnded(
      0,
      { input: '/in.wav', output: '/1.wav', status: 'done', warnings },
      total,
    );
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ status: 'done', warnings });
  });
});

describe('outcomeWords', () => {
  it('speaks of files that failed or were odd, and of no others', () => {
    let told = '';
    const stderr = { write: (text: string) => (told += text) !== '' };
    const words = outcomeWords({ stdout: stderr, stderr } as unknown as Parameters<typeof outcomeWords>[0]);
    words.fileEnded(0, { input: '/good.wav', output: '/1.wav', status: 'done', warnings: [] }, total);
    const warnings = [{ code: 'TRUNCATED', message: 'Two seconds are missing.' }];
    words.fileEnded(1, { input: '/short.wav', output: '/2.wav', status: 'done', warnings }, total);
    expect(told).not.toContain('good.wav');
    expect(told).toContain('note: Two seconds are missing.');
  });
});

describe('fileLine', () => {
  it('names source, result, length, pace and what was odd', () => {
    const warnings = [{ code: 'TRUNCATED', message: 'Two seconds are missing.' }];
    const report = { input: '/x/in.wav', output: '/y/out.wav', seconds: 75, realTimeFactor: 81.6, warnings };
    expect(fileLine({ ...report, status: 'done' })).toBe(
      'done    in.wav -> out.wav, 1:15, 82x real time\n        note: Two seconds are missing.',
    );
  });

  it('says that too little was spoken to compare the voices', () => {
    const range = { low: 0, high: 1 };
    const voiceSimilarity = {
      model: { model: 'm', level: 'l', sha256: 'ab' },
      speechSeconds: { raw: 0, result: 0 },
      cosine: null,
      reading: 'too-little-speech',
      backgroundHeard: false,
      calibration: { equalErrorCosine: 0.5, same: range, different: range },
    } as const;
    const report = { input: '/x/in.wav', output: null, status: 'done', voiceSimilarity } as const;
    expect(fileLine(report)).toMatch(/voice against raw: not measured, less than a second of speech/);
  });

  it('gives the reason and the code of a failure, and lets no name rewrite the screen', () => {
    const error = { code: 'INPUT_EMPTY', message: 'Expected a recording.' } as const;
    expect(fileLine({ input: '/x/\u001b[2Jin.wav', output: null, status: 'failed', error })).toBe(
      'failed  \\u001b[2Jin.wav: Expected a recording. [INPUT_EMPTY]',
    );
  });
});
