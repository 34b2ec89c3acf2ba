import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { printedLanes } from './lanes-writer.js';

/** A pipe that is full after every write. @param answer  what each write comes to, some time later; its error keeps it open, as stdout stays open */
function fullPipe(answer: () => NodeJS.ErrnoException | null): Writable {
  const pipe = new Writable({
    highWaterMark: 1,
    autoDestroy: false,
    write: (_chunk, _encoding, done) => void setImmediate().then(() => done(answer())),
  });
  // As the command line's entry does it for stdout.
  pipe.on('error', () => undefined);
  return pipe;
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`write ${code}`), { code });
}

describe('the printed document of lanes', () => {
  it('goes on when its reader goes away, so that a run ends as it would have ended', async () => {
    const writer = printedLanes(fullPipe(() => failure('EPIPE')));
    await writer.write({ input: 'a.wav' });
    await expect(writer.write({ input: 'b.wav' })).resolves.toBeUndefined();
    await expect(writer.finish()).resolves.toBeUndefined();
  });

  it('says so when it cannot be written for another reason', async () => {
    const writer = printedLanes(fullPipe(() => failure('EIO')));
    await expect(writer.write({ input: 'a.wav' })).rejects.toMatchObject({ code: 'EIO' });
  });

  it('waits for a slow reader and leaves no listeners behind', async () => {
    const pipe = fullPipe(() => null);
    const count = (): number[] => ['drain', 'close', 'error'].map((event) => pipe.listenerCount(event));
    const writer = printedLanes(pipe);
    const before = count();
    for (let n = 0; n < 20; n++) {
      await writer.write({ input: `${n}.wav` });
      expect(pipe.writableLength).toBe(0);
    }
    expect(count()).toEqual(before);
  });
});
