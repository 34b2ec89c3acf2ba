import { AppError } from '../../contract/app-error.js';
import type { Finding } from '../../contract/audio-format.js';
import type { LanesSummary } from '../../contract/lanes.js';
import type { VoiceSimilarity } from '../../contract/report.js';
import type { Planar, StreamFormat } from '../dsp/planar.js';
import type { ModelHost } from '../models/model-host.js';
import type { ManifestOf } from '../models/model-manifest.js';
import { SpeakerEmbedder, type SpeakerEmbedding } from '../voice/speaker-embedder.js';
import { cosineOf, readingOf, reportedCalibration } from '../voice/speaker-similarity.js';

/** With less the embedder was not calibrated. */
const leastSpeechSeconds = 1;

/**
 * Below it the noise is heard in every window: frames are chosen by their loudness, 30 dB down, and not by whether somebody speaks.
 * Taken away it makes the result another sound, so that the voice looks more unlike than it is.
 */
const lowSnrDb = 10;

/** A recording whose voice is compared before and after its chain. */
export interface ComparedStream extends StreamFormat {
  /** null where nobody knows how long it is */
  readonly expectedSampleFrames: number | null;
}

interface Heard {
  readonly manifest: ManifestOf<'speaker-embedder'>;
  readonly raw: SpeakerEmbedder;
  readonly result: SpeakerEmbedder;
}

/**
 * How alike the voices of raw and result are, heard while both pass. The result matters more: where they cannot be compared the job
 * goes on, and a finding says so. Where no speaker embedder is installed there is nothing to say.
 */
export class VoiceComparison {
  #heard: Heard | null = null;
  readonly #findings: Finding[] = [];

  /** @param stream  null when no stage changes the voice */
  static async open(
    stream: ComparedStream | null,
    models: ModelHost,
    signal: AbortSignal,
  ): Promise<VoiceComparison> {
    const comparison = new VoiceComparison();
    const manifest = models.list().find((one) => one.runner === 'speaker-embedder');
    if (stream === null || manifest === undefined) return comparison;
    const { sampleRateHz, channels, expectedSampleFrames } = stream;
    const seconds = expectedSampleFrames === null ? null : expectedSampleFrames / sampleRateHz;
    const options = { models, manifest, format: { sampleRateHz, channels }, seconds, signal };
    await comparison.#guarded(async () => {
      const raw = await SpeakerEmbedder.open(options);
      try {
        comparison.#heard = { manifest, raw, result: await SpeakerEmbedder.open(options) };
      } catch (error) {
        raw.close();
        throw error;
      }
    });
    return comparison;
  }

  /** Whether anything is compared. */
  get active(): boolean {
    return this.#heard !== null;
  }

  /** why nothing is said, where something could be */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** @param block  as decoded, planar, finite; not modified, not kept. Never rejects */
  async pushRaw(block: Planar): Promise<void> {
    await this.#guarded(() => this.#heard?.raw.push(block));
  }

  /** @param block  as it goes to the writer, planar, finite; not modified, not kept. Never rejects */
  async pushResult(block: Planar): Promise<void> {
    await this.#guarded(() => this.#heard?.result.push(block));
  }

  /**
   * Only `close` may follow. Never rejects.
   * @param lanes  of the raw recording; they tell speech from noise, which is loud to the embedder as well. Null where there are none
   * @returns null where nothing was compared
   */
  async finish(lanes: LanesSummary | null): Promise<VoiceSimilarity | null> {
    const similarity = await this.#guarded(async () => {
      const heard = this.#heard;
      if (heard === null) return null;
      const [raw, result] = [await heard.raw.finish(), await heard.result.finish()];
      return similarityOf(heard, heldSpeech(lanes) ? raw : null, result, holdsLoudNoise(lanes));
    });
    return similarity ?? null;
  }

  /** Frees everything; may be called more than once. */
  close(): void {
    this.#heard?.raw.close();
    this.#heard?.result.close();
    this.#heard = null;
  }

  async #guarded<T>(work: () => T | Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      // What was still under way fails too once the embedders are closed.
      if (this.#findings.length > 0) return null;
      this.close();
      const { message } = AppError.from(error);
      this.#findings.push({
        code: 'NO_VOICE_SIMILARITY',
        message: `The result is complete, but how alike its voice is to the raw one is not known. ${message}`,
      });
      return null;
    }
  }
}

/** What cannot be told may be speech. */
function heldSpeech(lanes: LanesSummary | null): boolean {
  return lanes === null || lanes.speechSeconds + lanes.unknownSeconds >= leastSpeechSeconds;
}

/** What cannot be told is taken for quiet. */
function holdsLoudNoise(lanes: LanesSummary | null): boolean {
  return (lanes?.snrDb ?? lowSnrDb) < lowSnrDb;
}

function similarityOf(
  { manifest, raw: { model } }: Heard,
  raw: SpeakerEmbedding | null,
  result: SpeakerEmbedding | null,
  backgroundHeard: boolean,
): VoiceSimilarity {
  const calibration = reportedCalibration(manifest);
  const cosine = raw && result ? Math.round(1e4 * cosineOf(raw.vector, result.vector)) / 1e4 : null;
  const read = cosine === null ? 'too-little-speech' : readingOf(cosine, calibration);
  return {
    model: { model: model.id, level: model.level, sha256: model.sha256 },
    speechSeconds: { raw: raw?.speechSeconds ?? 0, result: result?.speechSeconds ?? 0 },
    cosine,
    reading: backgroundHeard && read === 'different' ? 'unclear' : read,
    backgroundHeard,
    calibration,
  };
}
