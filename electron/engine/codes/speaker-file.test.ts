import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../contract/app-error.js';
import { testFolder } from '../job/run-job.fake.js';
import { voiceSynthesisManifest } from '../models/voice-manifests.fake.js';
import { openSpeaker } from './open-speaker.js';
import { maxSpeakerBytes, readSpeaker, writeSpeaker, type SpeakerFile } from './speaker-file.js';

const checksumOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const { reference, ...older } = voiceSynthesisManifest();
const referenceSha256 = reference!.sha256;
const example: SpeakerFile = { referenceSha256, registerHz: 123.5, vector: Float32Array.of(0.25, -3) };

const anySpeaker: fc.Arbitrary<SpeakerFile> = fc.record({
  referenceSha256: fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Buffer.from(bytes).toString('hex')),
  registerHz: fc.float({ min: 50, max: 600, noNaN: true }),
  vector: fc.float32Array({ minLength: 1, maxLength: 80, noNaN: true, noDefaultInfinity: true }),
});

function refusal(bytes: Uint8Array): string {
  try {
    readSpeaker(bytes);
    return 'accepted';
  } catch (error) {
    return error instanceof AppError ? `${error.code} ${error.message}` : String(error);
  }
}

/** @returns `bytes` after a change, with a checksum that fits again */
function resealed(bytes: Uint8Array, change: (body: Buffer) => void): Uint8Array {
  const body = Buffer.from(bytes.slice(0, -32));
  change(body);
  return Buffer.concat([body, checksumOf(body)]);
}

describe("files of a speaker's voice", () => {
  it('hold exactly what was written, the same bytes each time', () => {
    fc.assert(
      fc.property(anySpeaker, (content) => {
        const bytes = writeSpeaker(content);
        expect(readSpeaker(bytes)).toEqual(content);
        expect(Buffer.compare(writeSpeaker(readSpeaker(bytes)), bytes)).toBe(0);
      }),
    );
  });

  it('are laid out as they are documented', () => {
    const bytes = Buffer.from(writeSpeaker(example));
    expect(bytes.toString('latin1', 0, 10)).toBe('SOTTOVOICE');
    expect([bytes[10], bytes[11], bytes.readUInt16LE(12)]).toEqual([1, 0, 2]);
    expect(bytes.toString('hex', 14, 46)).toBe(referenceSha256);
    expect([46, 50, 54].map((at) => bytes.readFloatLE(at))).toEqual([123.5, 0.25, -3]);
    expect(bytes.subarray(58).equals(checksumOf(bytes.subarray(0, 58)))).toBe(true);
  });

  it('are refused when any byte was changed, added or taken away', () => {
    const bytes = writeSpeaker(example);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 0x40;
      expect(refusal(changed), `byte ${at}`).toMatch(/^INPUT_(UNSUPPORTED|DAMAGED) Expected/);
      expect(refusal(bytes.subarray(0, at)), `${at} bytes`).toMatch(/^INPUT_DAMAGED .*cut off/);
    }
    expect(refusal(Buffer.concat([bytes, Buffer.of(0)]))).toMatch(/^INPUT_DAMAGED .*something was added/);
  });

  it('say which is another kind of file, and which is of a later version', () => {
    expect(refusal(Buffer.from('SOTTOCODES and more'))).toMatch(/^INPUT_UNSUPPORTED .*another kind of file/);
    const later = resealed(writeSpeaker(example), (body) => body.writeUInt8(2, 10));
    expect(refusal(later)).toMatch(/^INPUT_UNSUPPORTED .*version 1, found version 2/);
  });

  it.each<[string, (body: Buffer) => void]>([
    ['version 0', (body) => body.writeUInt8(0, 10)],
    ['a byte that means nothing', (body) => body.writeUInt8(1, 11)],
    ['no F0', (body) => body.writeFloatLE(0, 46)],
    ['an F0 that is no number', (body) => body.writeFloatLE(NaN, 46)],
    ['a value that is none', (body) => body.writeFloatLE(Infinity, 54)],
  ])('are refused with %s, whatever their checksum', (_what, change) => {
    expect(refusal(resealed(writeSpeaker(example), change))).toMatch(/^INPUT_DAMAGED/);
  });

  it('cannot be written of what is no voice', () => {
    for (const wrong of [
      { registerHz: 49 },
      { registerHz: NaN },
      { vector: new Float32Array(0) },
      { vector: Float32Array.of(1, NaN) },
      { referenceSha256: 'reference' },
    ]) {
      expect(() => writeSpeaker({ ...example, ...wrong })).toThrow(RangeError);
    }
  });
});

describe('openSpeaker', () => {
  const folder = testFolder();
  const path = (): string => join(folder(), 'a.spk');
  const synthesis = { ...older, reference: reference! };

  it('gives the voice to the synthesis that its net belongs to', async () => {
    await writeFile(path(), writeSpeaker(example));
    expect(await openSpeaker(path(), synthesis)).toEqual({ vector: example.vector, registerHz: 123.5 });
  });

  it.each<[string, Partial<SpeakerFile>]>([
    ['of another model', { referenceSha256: 'ab'.repeat(32) }],
    ['of another size', { vector: Float32Array.of(1, 2, 3) }],
  ])('says that a voice is %s, and what to do', async (_what, other) => {
    await writeFile(path(), writeSpeaker({ ...example, ...other }));
    await expect(openSpeaker(path(), synthesis)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringMatching(/^Expected a speaker's voice .*Encode the recording again/) as string,
    });
  });

  it('says that a synthesis of an older export has no such net', async () => {
    await writeFile(path(), writeSpeaker(example));
    await expect(openSpeaker(path(), older)).rejects.toThrow(/export without one/);
  });

  it('refuses files that are missing, empty or far too long before it reads them', async () => {
    await expect(openSpeaker(path(), synthesis)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
    await writeFile(path(), '');
    await expect(openSpeaker(path(), synthesis)).rejects.toMatchObject({ code: 'INPUT_EMPTY' });
    await writeFile(path(), Buffer.alloc(maxSpeakerBytes + 1));
    await expect(openSpeaker(path(), synthesis)).rejects.toThrow(/at most/);
  });
});
