import { basename } from 'node:path';
import type { Leak } from '../../../contract/inspection.js';
import type { FileBytes } from '../reading/file-bytes.js';
import { leak } from './leak.js';

/** What the file system says about a recording: it travels with every copy. */
export function fileLeaks(path: string, bytes: FileBytes): Leak[] {
  return [
    leak('file.name', { meaning: 'name of the file', kind: 'text' }, basename(path)),
    leak(
      'file.modified',
      { meaning: 'time of the last change', kind: 'time' },
      bytes.modifiedAt.toISOString(),
    ),
  ];
}
