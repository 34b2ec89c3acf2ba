import type { Leak } from '../../../contract/inspection.js';
import { leak, sizeInWords } from './leak.js';

/**
 * Describes a picture; a photograph may carry place, time and camera of its own.
 * @param type       MIME type or similar, as the container says
 * @param beginning  first bytes of the picture, enough for its headers
 * @param totalBytes size of the whole picture
 */
export function pictureLeaks(where: string, type: string, beginning: Buffer, totalBytes: number): Leak[] {
  const found = [
    leak(where, { meaning: 'picture', kind: 'picture' }, `${type || 'picture'}, ${sizeInWords(totalBytes)}`),
  ];
  const holds = (signature: string): boolean => beginning.includes(signature, 0, 'latin1');
  if (holds('Exif\0\0') || holds('eXIf')) {
    const meaning = {
      meaning: 'camera data (EXIF) inside the picture: often place, time and device',
      kind: 'place',
    } as const;
    found.push(leak(`${where}.exif`, meaning, 'EXIF block'));
  }
  if (holds('http://ns.adobe.com/xap/') || holds('<x:xmpmeta')) {
    found.push(
      leak(`${where}.xmp`, { meaning: 'XMP document inside the picture', kind: 'text' }, 'XMP block'),
    );
  }
  return found;
}
