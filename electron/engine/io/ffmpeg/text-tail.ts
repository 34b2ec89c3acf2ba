/** Keeps the beginning and the end of a text of any length: the cause stands first, the last words stand last. */
export class TextTail {
  readonly #headBytes: number;
  readonly #tailBytes: number;
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);
  #left = 0;

  /** @param headBytes  kept of the beginning  @param tailBytes  kept of the end */
  constructor(headBytes: number, tailBytes: number) {
    this.#headBytes = headBytes;
    this.#tailBytes = tailBytes;
  }

  /** @param bytes  UTF-8, may cut a character; not kept */
  push(bytes: Buffer): void {
    const room = this.#headBytes - this.#head.length;
    const forHead = bytes.subarray(0, Math.max(0, room));
    if (forHead.length > 0) this.#head = Buffer.concat([this.#head, forHead]);
    const joined = Buffer.concat([this.#tail, bytes.subarray(forHead.length)]);
    const cut = Math.max(0, joined.length - this.#tailBytes);
    this.#left += cut;
    this.#tail = joined.subarray(cut);
  }

  /** @returns what was kept, with a line that says how much is missing between */
  text(): string {
    const gap = this.#left === 0 ? '' : `\n[${this.#left} bytes left out]\n`;
    return `${this.#head.toString('utf8')}${gap}${this.#tail.toString('utf8')}`;
  }
}
