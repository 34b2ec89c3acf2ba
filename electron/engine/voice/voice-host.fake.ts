import { parse } from 'node:path';
import { AppError } from '../../contract/app-error.js';
import { whiteNoise } from '../dsp/noise.fake.js';
import type { ModelHost, ModelSession, Tensor } from '../models/model-host.js';
import type { CheckedFile, ModelManifest } from '../models/model-manifest.js';
import { voiceCodesManifest, voiceSynthesisManifest } from '../models/voice-manifests.fake.js';
import type { ProbeTable } from '../models/probe-table.js';
import type { VoiceTable } from '../models/voice-table.js';

type Inputs = Readonly<Record<string, Tensor>>;

/** Two women and two men, of whom one pair speaks English. */
export const fakeVoices: VoiceTable = {
  schema: 'sotto.voices/1',
  size: 2,
  voices: [
    { name: 'af_heart', registerHz: 200, vector: [1, 0] },
    { name: 'bm_george', registerHz: 100, vector: [0, 1] },
    { name: 'ff_siwis', registerHz: 220, vector: [2, 0] },
    { name: 'im_nicola', registerHz: 110, vector: [0, 2] },
  ],
};

/** Both centres of the fake codebooks, [4][64]. */
export const fakeCentres = { first: whiteNoise(256, 21, 2), residual: whiteNoise(256, 22, 0.5) };

/** Of the four codes the first two are voiced. */
const fakeVoicing = Uint8Array.of(1, 1, 0, 0);

/** A function for every net of the voice stage. */
export interface FakeVoiceNets {
  readonly encoder: (inputs: Inputs) => Float32Array;
  readonly synthesis: (inputs: Inputs) => Float32Array;
  readonly reference: (inputs: Inputs) => Float32Array;
}

/** Looks 6 mel frames back and ahead of the two of a code: (1, 80, T) -> (1, 64, T / 2). Zeros stand outside. */
export function fakeEncoder({ mel }: Inputs): Float32Array {
  const frames = mel!.shape[2]!;
  const codes = frames / 2;
  const at = (band: number, t: number): number => (t >= 0 && t < frames ? mel!.data[band * frames + t]! : 0);
  return Float32Array.from({ length: 64 * codes }, (_, i) => {
    const d = Math.floor(i / codes);
    const t = 2 * (i % codes);
    return Math.tanh(0.2 * at(d, t) + 0.1 * at(d + 9, t - 6) - 0.1 * at(d + 3, t + 7));
  });
}

/** Looks 3 codes back and ahead; about rms 1 of pulses or noise: (1, 64, T) -> (1, 1440, 2 T). */
export function fakeSynthesis({ z, pitch, voice, mode }: Inputs): Float32Array {
  const codes = z!.shape[2]!;
  const frames = 2 * codes;
  const filters = new Float32Array(1440 * frames);
  const said = (d: number, code: number): number =>
    code >= 0 && code < codes ? z!.data[d * codes + code]! : 0;
  for (let t = 0; t < frames; t++) {
    const code = t >> 1;
    const voiced = pitch!.data[frames + t]! > 0;
    const tilt = 0.1 * voice!.data[0]! - 0.1 * voice!.data[1]! + 0.05 * mode!.data[1]!;
    for (let k = 0; k < 480; k++) {
      const level = 0.1 * (said(k % 64, code) + said((k + 7) % 64, code - 3) - said((k + 3) % 64, code + 3));
      filters[k * frames + t] = level + tilt - k / 200;
      filters[(480 + k) * frames + t] = 0.5 * pitch!.data[t]! + k / 500;
      filters[(960 + k) * frames + t] = (voiced ? -4 : -1) + level;
    }
  }
  return filters;
}

/** How bright a voice is, and how even: (1, 80, 200) -> (1, 2). Takes the level out, as the real one does. */
export function fakeReference({ mel }: Inputs): Float32Array {
  const { data } = mel!;
  const mean = (from: number, to: number): number => {
    let sum = 0;
    for (let i = from * 200; i < to * 200; i++) sum += data[i]!;
    return sum / ((to - from) * 200);
  };
  return Float32Array.of(mean(40, 80) - mean(0, 40), mean(0, 20) - mean(20, 40));
}

/** A host of an encoder, a synthesis and its reference net that are functions; counts what is open, so that tests can see leaks. */
export class FakeVoiceHost implements ModelHost {
  readonly problems: readonly string[] = [];
  readonly #nets: FakeVoiceNets;
  readonly #manifests: readonly ModelManifest[];
  openSessions = 0;
  /** frames of every run of the encoder, in order */
  readonly runs: number[] = [];

  constructor(
    nets: Partial<FakeVoiceNets> = {},
    manifests: readonly ModelManifest[] = [voiceCodesManifest(), voiceSynthesisManifest()],
  ) {
    this.#nets = { encoder: fakeEncoder, synthesis: fakeSynthesis, reference: fakeReference, ...nets };
    this.#manifests = manifests;
  }

  list(): readonly ModelManifest[] {
    return this.#manifests;
  }

  find(stage: string, level: string): ModelManifest {
    const found = this.#manifests.find(
      (one) => one.stage === stage && one.levels.some(({ id }) => id === level),
    );
    if (found) return found;
    throw new AppError('MODEL_NOT_FOUND', `Expected a model for ${stage} at ${level}, found none.`);
  }

  open(id: string, level: string): Promise<ModelSession> {
    const manifest = this.#manifests.find((one) => one.id === id);
    if (!manifest) return Promise.reject(new AppError('MODEL_NOT_FOUND', `Expected ${id}.`));
    this.openSessions++;
    return Promise.resolve({
      manifest,
      level,
      sha256: manifest.levels.find((known) => known.id === level)!.sha256,
      run: async (inputs) => {
        if (inputs['mel']) this.runs.push(inputs['mel'].shape[2]!);
        // Answers later, as a thread would.
        await new Promise((resolve) => setImmediate(resolve));
        return inputs['mel']
          ? { z: { shape: [], data: this.#nets.encoder(inputs) } }
          : { filters: { shape: [], data: this.#nets.synthesis(inputs) } };
      },
      release: () => {
        this.openSessions--;
      },
    });
  }

  openBeside(id: string, { file, sha256 }: CheckedFile): Promise<ModelSession> {
    const manifest = this.#manifests.find((one) => one.id === id);
    if (!manifest) return Promise.reject(new AppError('MODEL_NOT_FOUND', `Expected ${id}.`));
    this.openSessions++;
    return Promise.resolve({
      manifest,
      level: parse(file).name,
      sha256,
      run: async (inputs) => {
        await new Promise((resolve) => setImmediate(resolve));
        return { voice: { shape: [], data: this.#nets.reference(inputs) } };
      },
      release: () => {
        this.openSessions--;
      },
    });
  }

  weightsOf(): Promise<Uint8Array> {
    return Promise.reject(new AppError('MODEL_NOT_FOUND', 'Expected weights, found a function.'));
  }

  fileOf(_id: string, { file }: CheckedFile): Promise<Uint8Array> {
    if (file === 'codebook-voicing.u8') return Promise.resolve(fakeVoicing.slice());
    if (file === 'voices.json') return Promise.resolve(Buffer.from(JSON.stringify(fakeVoices)));
    const centres = file.includes('first') ? fakeCentres.first : fakeCentres.residual;
    return Promise.resolve(new Uint8Array(centres.buffer.slice(0)));
  }

  probesOf(): Promise<ProbeTable> {
    return Promise.reject(new AppError('MODEL_NOT_FOUND', 'Expected probes, found a function.'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
