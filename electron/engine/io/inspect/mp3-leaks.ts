import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { readMp3FirstFrame } from '../reading/mp3-first-frame.js';
import { leakOf } from './leak.js';

/** What the first frame of an MP3 gives away; its tags before and behind are looked at for every kind of file. */
export async function mp3Leaks(bytes: FileBytes): Promise<Leak[]> {
  const first = await readMp3FirstFrame(bytes);
  if (first?.tag === undefined || first.tag === null) return [];
  const meaning = { meaning: 'program that wrote it', kind: 'technical' } as const;
  return leakOf(`mp3.${first.tag}.encoder`, meaning, first.encoder);
}
