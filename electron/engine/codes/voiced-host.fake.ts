import type { CheckedFile } from '../models/model-manifest.js';
import { voiceCodesManifest, voiceSynthesisManifest } from '../models/voice-manifests.fake.js';
import { FakeVoiceHost } from '../voice/voice-host.fake.js';

const plain = voiceCodesManifest();
const voicing: CheckedFile = { file: 'voicing.u8', sha256: '0'.repeat(64), sizeBytes: 4 };

/** A host whose encoder says that of its four codes the first two are voiced. */
export class VoicedHost extends FakeVoiceHost {
  readonly #voicing: Uint8Array;

  constructor(voicingTable = Uint8Array.of(1, 1, 0, 0)) {
    const manifest = { ...plain, codebooks: { ...plain.codebooks, voicing } };
    super({}, [manifest, voiceSynthesisManifest()]);
    this.#voicing = voicingTable;
  }

  override fileOf(id: string, file: CheckedFile): Promise<Uint8Array> {
    return file.file === voicing.file ? Promise.resolve(this.#voicing) : super.fileOf(id, file);
  }
}
