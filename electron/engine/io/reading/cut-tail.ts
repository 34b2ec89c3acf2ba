/** Padding is at most a few packets; more than this means that the declared length is wrong, and then nothing is cut. */
export const maxPaddingFrames = 8192;

/**
 * Cuts the padding that a codec leaves behind the declared end.
 * @param chunks      decoded bytes, cut anywhere
 * @param endBytes    declared length in bytes
 * @param maxSurplusBytes  when more follows than this, the declaration is wrong and everything passes
 */
export async function* cutTail(
  chunks: AsyncIterable<Buffer>,
  endBytes: number,
  maxSurplusBytes: number,
): AsyncGenerator<Buffer> {
  let position = 0;
  let surplus: Buffer[] | null = [];
  for await (const chunk of chunks) {
    const before = Math.max(0, Math.min(chunk.length, endBytes - position));
    position += chunk.length;
    if (surplus === null) {
      yield chunk;
      continue;
    }
    if (before > 0) yield chunk.subarray(0, before);
    if (before < chunk.length) surplus.push(chunk.subarray(before));
    if (position - endBytes > maxSurplusBytes) {
      yield* surplus;
      surplus = null;
    }
  }
}
