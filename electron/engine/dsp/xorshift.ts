/**
 * Marsaglia's 32-bit xorshift (13, 17, 5): repeatable noise, the same in every implementation of the voice stage. Not for secrets.
 * @see Marsaglia 2003, "Xorshift RNGs", https://doi.org/10.18637/jss.v008.i14
 */
export class Xorshift {
  #state: number;

  /**
   * @param seed  32 bits, not 0
   * @throws RangeError for 0, from which the generator never moves
   */
  constructor(seed: number) {
    this.#state = seed >>> 0;
    if (this.#state === 0) throw new RangeError('Expected a seed other than 0 in its 32 bits, found 0.');
  }

  /** @returns the next number, even over -1 to below 1 */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 2 ** 31 - 1;
  }
}
