import { describe, expect, it } from 'vitest';
import { AppError } from '../../contract/app-error.js';
import { EncoderChild } from './output-child.js';

const mono = { sampleRateHz: 8000, channels: 1 };
const never = new AbortController().signal;

function start(codec: string[], onOutput: (bytes: Buffer) => Promise<void>): Promise<EncoderChild> {
  return EncoderChild.start(mono, 's16le', codec, onOutput, never);
}

async function feed(child: EncoderChild, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await child.write(new Uint8Array(100_000));
  await child.finish();
}

describe('EncoderChild', () => {
  it('hands on everything in order before it is finished', async () => {
    let bytes = 0;
    const child = await start(['-f', 's16le'], async (piece) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      bytes += piece.length;
    });
    await feed(child, 20);
    expect(bytes).toBe(2_000_000);
    await child.close();
  });

  it('says what the encoder said when it fails', async () => {
    const child = await start(['-c:a', 'no-such-codec', '-f', 'flac'], () => Promise.resolve());
    await expect(feed(child, 5)).rejects.toMatchObject({ code: 'TOOL_FAILED', message: /no-such-codec/ });
    await child.close();
  });

  it('ends with the reason why its output could not be kept', async () => {
    const child = await start(['-f', 's16le'], () =>
      Promise.reject(new AppError('OUTPUT_DISK_FULL', 'full')),
    );
    await expect(feed(child, 100)).rejects.toMatchObject({ code: 'OUTPUT_DISK_FULL' });
    await child.close();
    await child.close();
  });
});
