import type { Finding } from '../../contract/audio-format.js';
import type { CodesDocument } from '../../contract/codes-document.js';
import type { ProgressListener } from '../job/progress-meter.js';

/** What `encode` and `decode` are asked for alike. */
export interface CodedRequest {
  readonly input: string;
  /** exactly the path that will be written; its folder must exist */
  readonly output: string;
  /** of `encode`: exactly the path of the speaker's voice (.spk), which is written only where this is said; its folder must exist */
  readonly speaker?: string | undefined;
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** What codes can hold of how something was said: one codebook or two. */
export type CodedClarity = NonNullable<CodesDocument['clarity']>;

/** What was encoded or decoded, as its document says it. */
export interface Coded {
  /** of the recording that was encoded, as is its length */
  readonly sampleRateHz: number;
  readonly sampleFrames: number;
  readonly clarity: CodedClarity;
  /** of the .codes file */
  readonly sizeBytes: number;
  readonly warnings: Finding[];
}
