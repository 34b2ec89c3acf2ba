import type { Finding } from '../../../contract/audio-format.js';
import type { VoiceSettings } from '../../../contract/chain.js';
import { PitchTracker } from '../../dsp/pitch-tracker.js';
import { concatenated, frameCount, type Planar, type StreamFormat } from '../../dsp/planar.js';
import type { ModelIdentity } from '../../models/model-host.js';
import { readVoiceTable } from '../../models/voice-table.js';
import { Melody } from '../../voice/melody.js';
import { systemRandom, type UnitRandom } from '../../voice/target-mixture.js';
import { targetOf } from '../../voice/target-voice.js';
import type { VoiceFrame } from '../../voice/voice-codebooks.js';
import { VoiceEncoder } from '../../voice/voice-encoder.js';
import { findVoiceModels } from '../../voice/voice-models.js';
import { VoiceSynthesis, type SpokenFrame } from '../../voice/voice-synthesis.js';
import { cancelled } from '../../models/cancelling.js';
import type { Processor, ProcessorContext } from '../processor.js';
import { LevelFrames, type LevelFrame } from './level-frames.js';
import { SilentRuns } from './silent-runs.js';
import { SpeechTrack, type SpeechFrame } from './speech-track.js';
import { speechFindings, voiceFindings } from './voice-findings.js';
import { VoiceOutput } from './voice-output.js';

interface Parts {
  readonly encoder: VoiceEncoder;
  readonly synthesis: VoiceSynthesis;
  readonly pitch: PitchTracker;
  readonly melody: Melody;
}

/**
 * Opens the voice stage: the encoder hears what is said, the pitch tracker how high, and the synthesis says it again with the voice of
 * the settings; level, pauses and the share of each channel follow the recording. Samples come back up to 15 s of sound later.
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
  const { sampleRateHz, channels } = format;
  const { level, clarity, mode, pitch: kind, strength } = settings;
  const found = findVoiceModels(models, level);
  const target = targetOf(mode, await readVoiceTable(models, found.synthesis), random);
  const { voice } = target;
  const encoder = await VoiceEncoder.open({ models, level, format, signal });
  try {
    const { codebooks } = encoder;
    const { noiseSeed, melodySeed } = target;
    const options = { models, found, codebooks, sampleRateHz, voice, clarity, signal, noiseSeed };
    const synthesis = await VoiceSynthesis.open(options);
    try {
      const pitch = await PitchTracker.open(sampleRateHz, channels);
      const { registerHz } = voice;
      const melody = new Melody({ pitch: kind, strength, registerHz, seed: melodySeed });
      return new VoiceProcessor(format, { encoder, synthesis, pitch, melody }, signal);
    } catch (error) {
      synthesis.close();
      throw error;
    }
  } catch (error) {
    encoder.close();
    throw error;
  }
}

class VoiceProcessor implements Processor {
  readonly models: readonly ModelIdentity[];
  readonly #format: StreamFormat;
  readonly #encoder: VoiceEncoder;
  readonly #synthesis: VoiceSynthesis;
  readonly #pitch: PitchTracker;
  readonly #melody: Melody;
  readonly #signal: AbortSignal;
  readonly #levels: LevelFrames;
  readonly #track: SpeechTrack;
  readonly #output: VoiceOutput;
  readonly #silent: SilentRuns;
  /** what waits for its partner: levels and F0 of the recording, then what is said and the F0 to speak with */
  readonly #levelFrames: LevelFrame[] = [];
  readonly #f0Hz: number[] = [];
  readonly #said: VoiceFrame[] = [];
  readonly #sungHz: number[] = [];
  #givenFrames = 0;
  #closed = false;
  readonly #takeLevel = (frame: LevelFrame): void => {
    this.#levelFrames.push(frame);
  };
  readonly #takePitch = (f0Hz: number): void => {
    this.#f0Hz.push(f0Hz);
  };
  readonly #takeSpeech = (frame: SpeechFrame): void => {
    this.#output.pushFrame(frame);
    this.#sungHz.push(this.#melody.next(frame));
  };

  constructor(format: StreamFormat, parts: Parts, signal: AbortSignal) {
    const { sampleRateHz, channels } = format;
    this.models = [parts.encoder.model, parts.synthesis.model];
    this.#format = format;
    this.#encoder = parts.encoder;
    this.#synthesis = parts.synthesis;
    this.#pitch = parts.pitch;
    this.#melody = parts.melody;
    this.#signal = signal;
    this.#levels = new LevelFrames(sampleRateHz, channels);
    this.#track = new SpeechTrack(channels);
    this.#output = new VoiceOutput(sampleRateHz, channels);
    this.#silent = new SilentRuns(sampleRateHz, channels);
  }

  get findings(): readonly Finding[] {
    return voiceFindings(this.#format);
  }

  get countedFindings(): readonly Finding[] {
    return speechFindings(this.#track);
  }

  async process(block: Planar): Promise<Planar> {
    this.#throwIfEnded();
    this.#givenFrames += frameCount(block);
    // First: it refuses what is no sound.
    this.#said.push(...(await this.#encoder.push(block)));
    this.#throwIfEnded();
    this.#silent.push(block);
    this.#levels.push(block, this.#takeLevel);
    this.#pitch.push(block, this.#takePitch);
    this.#follow();
    return this.#silent.mute(this.#output.push(await this.#synthesis.push(this.#spoken())));
  }

  async flush(): Promise<Planar> {
    this.#throwIfEnded();
    this.#said.push(...(await this.#encoder.finish()));
    this.#throwIfEnded();
    this.#levels.finish(this.#takeLevel);
    this.#pitch.finish(this.#takePitch);
    this.#follow();
    this.#track.finish(this.#takeSpeech);
    const parts = [this.#output.push(await this.#synthesis.push(this.#spoken()))];
    parts.push(this.#output.push(await this.#synthesis.finish(this.#givenFrames)));
    parts.push(this.#output.finish());
    return this.#silent.mute(concatenated(parts, this.#format.channels));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#encoder.close();
    this.#synthesis.close();
    this.#pitch.close();
  }

  #follow(): void {
    const count = Math.min(this.#levelFrames.length, this.#f0Hz.length);
    const f0Hz = this.#f0Hz.splice(0, count);
    this.#levelFrames.splice(0, count).forEach((level, t) => {
      this.#track.push(level, f0Hz[t]!, this.#takeSpeech);
    });
  }

  /** @returns the frames of which is known what is said and how high both of their halves are to be */
  #spoken(): SpokenFrame[] {
    const count = Math.min(this.#said.length, Math.floor(this.#sungHz.length / 2));
    const sungHz = this.#sungHz.splice(0, 2 * count);
    return this.#said.splice(0, count).map((frame, k) => ({
      ...frame,
      f0Hz: [sungHz[2 * k]!, sungHz[2 * k + 1]!],
    }));
  }

  #throwIfEnded(): void {
    if (this.#signal.aborted || this.#closed) throw cancelled();
  }
}
