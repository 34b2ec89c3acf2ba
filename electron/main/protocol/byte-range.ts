/** What a request asks of a file: all of it, one part, or a part that is not there. */
export type ByteRange =
  | { readonly kind: 'whole' }
  /** both ends inclusive */
  | { readonly kind: 'part'; readonly firstByte: number; readonly lastByte: number }
  | { readonly kind: 'unsatisfiable' };

const singleRange = /^bytes=(\d*)-(\d*)$/;

/**
 * Reads a `Range` header. A header that is malformed or names several ranges is ignored, as the standard allows.
 * @param header     value of the request's `Range` header; null when there is none
 * @param sizeBytes  size of the file
 * @see RFC 9110, section 14
 */
export function parseByteRange(header: string | null, sizeBytes: number): ByteRange {
  const match = singleRange.exec(header?.trim() ?? '');
  if (match === null) return { kind: 'whole' };
  const first = match[1] ?? '';
  const last = match[2] ?? '';
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') return suffix(Number(last), sizeBytes);
  const firstByte = Number(first);
  const wantedLast = last === '' ? sizeBytes - 1 : Number(last);
  if (last !== '' && wantedLast < firstByte) return { kind: 'whole' };
  if (firstByte >= sizeBytes) return { kind: 'unsatisfiable' };
  return { kind: 'part', firstByte, lastByte: Math.min(wantedLast, sizeBytes - 1) };
}

function suffix(lengthBytes: number, sizeBytes: number): ByteRange {
  if (lengthBytes === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', firstByte: Math.max(0, sizeBytes - lengthBytes), lastByte: sizeBytes - 1 };
}
