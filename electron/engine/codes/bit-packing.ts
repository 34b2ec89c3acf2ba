/**
 * Packs numbers bit by bit, without gaps, the most significant bit first. What is left of the last byte is 0.
 * @param values  each of 0 to 2 ** bits - 1
 * @param bits    of one value, 1 to 16
 * @returns ceil(values.length * bits / 8) bytes
 * @throws RangeError where a value needs more bits
 */
export function packBits(values: ArrayLike<number>, bits: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((values.length * bits) / 8));
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!;
    if (!Number.isInteger(value) || value < 0 || value >= 1 << bits) {
      throw new RangeError(`Expected values of ${bits} bits, found ${value} at ${n}.`);
    }
    // At most 7 bits wait here, so that with 16 more nothing leaves the 32 bits of the operators.
    held = (held << bits) | value;
    heldBits += bits;
    while (heldBits >= 8) {
      heldBits -= 8;
      bytes[at++] = held >> heldBits;
      held &= (1 << heldBits) - 1;
    }
  }
  if (heldBits > 0) bytes[at] = held << (8 - heldBits);
  return bytes;
}

/**
 * Takes apart what {@link packBits} put together.
 * @param count  of values
 * @returns the values; null where the bits after the last one are not 0, or the bytes are more or fewer than `count` values need
 */
export function unpackBits(bytes: Uint8Array, count: number, bits: number): Uint16Array | null {
  if (bytes.length !== Math.ceil((count * bits) / 8)) return null;
  const values = new Uint16Array(count);
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (let n = 0; n < count; n++) {
    while (heldBits < bits) {
      held = (held << 8) | bytes[at++]!;
      heldBits += 8;
    }
    heldBits -= bits;
    values[n] = held >> heldBits;
    held &= (1 << heldBits) - 1;
  }
  return held === 0 ? values : null;
}
