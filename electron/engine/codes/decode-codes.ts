import type { VoiceSettings } from '../../contract/chain.js';
import type { AudioWriter } from '../io/audio-writer.js';
import { throwIfAborted } from '../io/abort.js';
import { openWriter } from '../io/open-writer.js';
import { assertDistinct } from '../io/output-distinct.js';
import { ProgressMeter } from '../job/progress-meter.js';
import type { ModelHost } from '../models/model-host.js';
import { readVoiceTable } from '../models/voice-table.js';
import { keptFinding } from '../processors/voice/voice-findings.js';
import { VoiceCodebooks } from '../voice/voice-codebooks.js';
import { targetOf } from '../voice/target-voice.js';
import type { TargetVoice } from '../voice/voice-mixture.js';
import { VoiceSynthesis } from '../voice/voice-synthesis.js';
import { CodeMelody, type CodedPitch } from './code-melody.js';
import type { Coded, CodedRequest } from './coded-run.js';
import type { OpenedCodes } from './open-codes.js';

/** Who can speak codes: they do not hold the voice that could be kept. */
export type CodedVoice = Exclude<VoiceSettings['mode'], 'keep'> | TargetVoice;

/** One file of codes to be spoken. */
export interface DecodeRequest extends CodedRequest {
  /** one of the table's voices, or a speaker's own, see `openSpeaker` */
  readonly voice: CodedVoice;
  readonly pitch: CodedPitch;
  /** what stands in `input` */
  readonly codes: OpenedCodes;
}

/** Frames spoken at a time: 2 s. */
const stepFrames = 100;
/**
 * The synthesis speaks at rms 1, and codes hold no level: -26 dB under full scale, the level of speech in ITU-T P.56 and most tests
 * after it, leaves room for its peaks.
 */
const speechGain = 10 ** (-26 / 20);

/**
 * Speaks a .codes file in another voice, or again in the speaker's own: WAV, 16 bit, mono, as long and at the rate of the recording that was encoded.
 * @throws AppError MODEL_CHECKSUM_MISMATCH, MODEL_FAILED; INPUT_IS_OUTPUT and as `openWriter` does; CANCELLED. Nothing is then left
 *   behind
 */
export async function decodeCodes(request: DecodeRequest, models: ModelHost): Promise<Coded> {
  const { input, output, signal } = request;
  const { sizeBytes, content } = request.codes;
  throwIfAborted(signal);
  await assertDistinct(input, output);
  const clarity = content.tracks.length === 1 ? 'strict' : 'balanced';
  const clippedSamples = await spoken({ ...request, clarity }, models);
  const { sampleRateHz, sampleFrames } = content;
  const warnings = typeof request.voice === 'object' ? [keptFinding] : [];
  if (clippedSamples > 0) {
    const message = `${clippedSamples} samples were louder than full scale.`;
    warnings.push({ code: 'CODES_CLIPPED', message });
  }
  return { sampleRateHz, sampleFrames, clarity, sizeBytes, warnings };
}

/** @returns how many samples had to be clipped */
async function spoken(request: DecodeRequest & Pick<Coded, 'clarity'>, models: ModelHost): Promise<number> {
  const { clarity, output, overwrite, signal, onProgress } = request;
  const { content, found, voicing } = request.codes;
  const { sampleRateHz, sampleFrames, tracks } = content;
  const codebooks = await VoiceCodebooks.read(models, found.codes);
  const table = await readVoiceTable(models, found.synthesis);
  const { voice, melodySeed, noiseSeed } = targetOf(request.voice, table);
  const { registerHz } = voice;
  const melody = new CodeMelody(content, voicing, { pitch: request.pitch, registerHz, seed: melodySeed });
  const options = { models, found, codebooks, sampleRateHz, voice, clarity, signal, noiseSeed };
  const synthesis = await VoiceSynthesis.open(options);
  let writer: AudioWriter | null = null;
  try {
    writer = await openWriter({
      ...{ path: output, overwrite, format: 'wav16', stream: { sampleRateHz, channels: 1 } },
      ...{ expectedSampleFrames: sampleFrames, dither: true, signal },
    });
    const meter = new ProgressMeter('process', sampleRateHz, sampleFrames, onProgress);
    const frames = tracks[0]!.codes.length;
    for (let from = 0; from < frames; from += stepFrames) {
      const step = Math.min(stepFrames, frames - from);
      const samples = await synthesis.push(Array.from({ length: step }, (_, at) => melody.at(from + at)));
      await writer.write([samples.map((value) => value * speechGain)]);
      meter.advance(samples.length);
    }
    const rest = await synthesis.finish(sampleFrames);
    await writer.write([rest.map((value) => value * speechGain)]);
    meter.advance(rest.length);
    await writer.finish();
    return writer.clippedSamples;
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    synthesis.close();
    await writer?.abort();
  }
}
