import type { Finding } from '../../../contract/audio-format.js';
import type { VoiceSettings } from '../../../contract/chain.js';
import { concatenated, frameCount, type Planar, type StreamFormat } from '../../dsp/planar.js';
import type { ModelIdentity } from '../../models/model-host.js';
import { readVoiceTable } from '../../models/voice-table.js';
import { Melody } from '../../voice/melody.js';
import { systemRandom, type UnitRandom } from '../../voice/target-mixture.js';
import { targetOf } from '../../voice/target-voice.js';
import type { VoiceFrame } from '../../voice/voice-codebooks.js';
import { VoiceEncoder } from '../../voice/voice-encoder.js';
import { findVoiceModels } from '../../voice/voice-models.js';
import { chunkCodes, VoiceSynthesis, type SpokenFrame } from '../../voice/voice-synthesis.js';
import { cancelled } from '../../models/cancelling.js';
import type { Processor, ProcessorContext } from '../processor.js';
import { KeptVoice } from './kept-voice.js';
import { SilentRuns } from './silent-runs.js';
import { SpeechHearing } from './speech-hearing.js';
import type { SpeechFrame } from './speech-track.js';
import { speechFindings, voiceFindings } from './voice-findings.js';
import { VoiceOutput } from './voice-output.js';

interface Parts {
  readonly encoder: VoiceEncoder;
  readonly synthesis: VoiceSynthesis;
  readonly hearing: SpeechHearing;
  readonly melody: Melody;
  /** null where another voice speaks */
  readonly kept: KeptVoice | null;
}

/**
 * Opens the voice stage: the encoder hears what is said, the pitch tracker how high, and the synthesis says it again with the voice of
 * the settings, or, to keep it, with the one that is read from the recording; level, pauses and the share of each channel follow the recording. Samples come back up to 15 s of sound later.
 * @param random  for tests: what a random voice and its melody are drawn from
 * @throws AppError MODEL_NOT_FOUND, MODEL_CHECKSUM_MISMATCH, MODEL_FAILED; INVALID_ARGUMENT below 8 kHz
 */
export async function openVoice(
  format: StreamFormat,
  settings: VoiceSettings,
  context: ProcessorContext,
  random: UnitRandom = systemRandom,
): Promise<Processor> {
  const { models, signal } = context;
  const { sampleRateHz } = format;
  const { level, clarity, mode, pitch: kind, strength } = settings;
  const found = findVoiceModels(models, level);
  const target = targetOf(mode, await readVoiceTable(models, found.synthesis), random);
  const { voice } = target;
  const opened: { close(): void }[] = [];
  try {
    const kept = mode === 'keep' ? await KeptVoice.open({ models, found, signal }) : null;
    if (kept) opened.push(kept);
    const tap = kept ? { onLogMel: kept.takeRow } : {};
    const encoder = await VoiceEncoder.open({ models, level, format, signal, ...tap });
    opened.push(encoder);
    const { codebooks } = encoder;
    const { noiseSeed, melodySeed } = target;
    const options = { models, found, codebooks, sampleRateHz, voice, clarity, signal, noiseSeed };
    const synthesis = await VoiceSynthesis.open(options);
    opened.push(synthesis);
    const hearing = await SpeechHearing.open(format);
    const registerHz = kept ? null : voice.registerHz;
    const melody = new Melody({ pitch: kind, strength, registerHz, seed: melodySeed });
    return new VoiceProcessor(format, settings, { encoder, synthesis, hearing, melody, kept }, signal);
  } catch (error) {
    for (const part of opened) part.close();
    throw error;
  }
}

class VoiceProcessor implements Processor {
  readonly models: readonly ModelIdentity[];
  readonly #format: StreamFormat;
  readonly #settings: VoiceSettings;
  readonly #encoder: VoiceEncoder;
  readonly #synthesis: VoiceSynthesis;
  readonly #hearing: SpeechHearing;
  readonly #melody: Melody;
  readonly #kept: KeptVoice | null;
  readonly #signal: AbortSignal;
  readonly #output: VoiceOutput;
  readonly #silent: SilentRuns;
  /** what waits for its partner: what is said and the F0 to speak with */
  readonly #said: VoiceFrame[] = [];
  readonly #sungHz: number[] = [];
  readonly #isSpeech: boolean[] = [];
  #givenFrames = 0;
  #spokenCodes = 0;
  /** where a voice is to be kept: whether none was known when this chunk of codes began */
  #isNeutral = false;
  #neutralFrames = 0;
  #closed = false;
  readonly #takeSpeech = (frame: SpeechFrame): void => {
    this.#kept?.takeFrame(frame);
    this.#output.pushFrame(frame);
    this.#sungHz.push(this.#melody.next(frame));
    this.#isSpeech.push(frame.spoken);
  };

  constructor(format: StreamFormat, settings: VoiceSettings, parts: Parts, signal: AbortSignal) {
    const { sampleRateHz, channels } = format;
    const read = parts.kept ? [parts.kept.model] : [];
    this.models = [parts.encoder.model, ...read, parts.synthesis.model];
    this.#format = format;
    this.#settings = settings;
    this.#encoder = parts.encoder;
    this.#synthesis = parts.synthesis;
    this.#hearing = parts.hearing;
    this.#melody = parts.melody;
    this.#kept = parts.kept;
    this.#signal = signal;
    this.#output = new VoiceOutput(sampleRateHz, channels);
    this.#silent = new SilentRuns(sampleRateHz, channels);
  }

  get findings(): readonly Finding[] {
    return voiceFindings(this.#format, this.#settings);
  }

  get countedFindings(): readonly Finding[] {
    return speechFindings(this.#hearing.track, this.#neutralFrames);
  }

  async process(block: Planar): Promise<Planar> {
    this.#throwIfEnded();
    this.#givenFrames += frameCount(block);
    // First: it refuses what is no sound.
    this.#said.push(...(await this.#encoder.push(block)));
    this.#throwIfEnded();
    this.#silent.push(block);
    this.#hearing.push(block, this.#takeSpeech);
    await this.#kept?.read();
    this.#throwIfEnded();
    return this.#silent.mute(this.#output.push(await this.#synthesis.push(this.#spoken())));
  }

  async flush(): Promise<Planar> {
    this.#throwIfEnded();
    this.#said.push(...(await this.#encoder.finish()));
    this.#throwIfEnded();
    this.#hearing.finish(this.#takeSpeech);
    await this.#kept?.read(true);
    this.#throwIfEnded();
    const parts = [this.#output.push(await this.#synthesis.push(this.#spoken()))];
    parts.push(this.#output.push(await this.#synthesis.finish(this.#givenFrames)));
    parts.push(this.#output.finish());
    return this.#silent.mute(concatenated(parts, this.#format.channels));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#kept?.close();
    this.#encoder.close();
    this.#synthesis.close();
    this.#hearing.close();
  }

  /** @returns the frames of which is known what is said, how high both of their halves are to be, and by whom */
  #spoken(): SpokenFrame[] {
    const decided = (this.#kept?.codes ?? Infinity) - this.#spokenCodes;
    const count = Math.max(0, Math.min(this.#said.length, Math.floor(this.#sungHz.length / 2), decided));
    const sungHz = this.#sungHz.splice(0, 2 * count);
    const isSpeech = this.#isSpeech.splice(0, 2 * count);
    return this.#said.splice(0, count).map((frame, k) => ({
      ...frame,
      f0Hz: [sungHz[2 * k]!, sungHz[2 * k + 1]!],
      voice: this.#nextVoice(isSpeech.slice(2 * k, 2 * k + 2)),
    }));
  }

  /** @param isSpeech  of both halves of the next code, to count what the neutral voice says */
  #nextVoice(isSpeech: readonly boolean[]): Float32Array | undefined {
    const code = this.#spokenCodes++;
    const voice = this.#kept?.at(code);
    if (code % chunkCodes === 0) this.#isNeutral = this.#kept !== null && voice === undefined;
    if (this.#isNeutral) this.#neutralFrames += isSpeech.filter(Boolean).length;
    return voice;
  }

  #throwIfEnded(): void {
    if (this.#signal.aborted || this.#closed) throw cancelled();
  }
}
