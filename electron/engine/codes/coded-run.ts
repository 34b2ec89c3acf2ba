import type { CodesDocument } from '../../contract/codes-document.js';
import type { ProgressListener } from '../job/progress-meter.js';

/** What `encode` and `decode` are asked for alike. */
export interface CodedRequest {
  readonly input: string;
  /** exactly the path that will be written; its folder must exist */
  readonly output: string;
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** What was encoded or decoded, as its document says it. */
export type Coded = Required<
  Pick<CodesDocument, 'sampleRateHz' | 'sampleFrames' | 'clarity' | 'sizeBytes' | 'warnings'>
>;

/** What codes can hold of how something was said: one codebook or two. */
export type CodedClarity = Coded['clarity'];
