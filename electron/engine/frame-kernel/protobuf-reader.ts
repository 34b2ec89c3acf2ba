// Wire types, https://protobuf.dev/programming-guides/encoding/
const varintType = 0;
const fixed64Type = 1;
const bytesType = 2;
const fixed32Type = 5;

/**
 * Reads one protocol buffers message field by field: `next`, then at most one of the methods that take the field's value.
 * Every step is checked against the end of the message.
 * @throws RangeError from every method when the bytes are no such message
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #field = 0;
  #wireType = 0;
  /** whether the value of the present field still lies ahead */
  #isPending = false;

  /** @param bytes  borrowed: `bytes()` gives views into it */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Number of the present field. */
  get field(): number {
    return this.#field;
  }

  /** Goes on to the next field, past the value of this one. @returns whether there is one */
  next(): boolean {
    if (this.#isPending) this.#skip();
    if (this.#at === this.#end) return false;
    const tag = this.#varint();
    this.#field = Math.floor(tag / 8);
    this.#wireType = tag % 8;
    if (this.#field === 0) throw damaged(`field 0 at byte ${this.#at}`);
    this.#isPending = true;
    return true;
  }

  /** @returns the value as an unsigned number; from 2^53 on it is not exact */
  integer(): number {
    this.#take(varintType);
    return this.#varint();
  }

  /** Appends the value, one integer or a packed list of them. */
  integers(values: number[]): void {
    if (this.#wireType === varintType) {
      values.push(this.integer());
      return;
    }
    this.#take(bytesType);
    const end = this.#lengthEnd();
    while (this.#at < end) values.push(this.#varint());
    if (this.#at !== end) throw damaged(`a list that ends within a number at byte ${end}`);
  }

  /** @returns a view of the value */
  bytes(): Uint8Array<ArrayBuffer> {
    this.#take(bytesType);
    const end = this.#lengthEnd();
    const start = this.#at;
    this.#at = end;
    return new Uint8Array(
      this.#bytes.buffer as ArrayBuffer,
      this.#bytes.byteOffset + start,
      this.#at - start,
    );
  }

  /** @returns the value as ASCII; anything else becomes U+FFFD, for an audio thread has no TextDecoder */
  text(): string {
    let text = '';
    const bytes = this.bytes();
    for (let i = 0; i < bytes.length; i++)
      text += bytes[i]! < 0x80 ? String.fromCharCode(bytes[i]!) : '\ufffd';
    return text;
  }

  /** @returns a reader of the message that is this field's value */
  message(): ProtobufReader {
    this.#take(bytesType);
    const end = this.#lengthEnd();
    const reader = new ProtobufReader(this.#bytes, this.#at, end);
    this.#at = end;
    return reader;
  }

  #take(wireType: number): void {
    if (this.#wireType !== wireType || !this.#isPending)
      throw damaged(`wire type ${this.#wireType} where ${wireType} belongs, in field ${this.#field}`);
    this.#isPending = false;
  }

  #skip(): void {
    this.#isPending = false;
    if (this.#wireType === varintType) this.#varint();
    else if (this.#wireType === bytesType) this.#at = this.#lengthEnd();
    else if (this.#wireType === fixed64Type) this.#advance(8);
    else if (this.#wireType === fixed32Type) this.#advance(4);
    else throw damaged(`wire type ${this.#wireType} in field ${this.#field}`);
  }

  /** @returns where the value ends whose length comes next */
  #lengthEnd(): number {
    const length = this.#varint();
    if (length > this.#end - this.#at)
      throw damaged(`a value of ${length} bytes where ${this.#end - this.#at} are left`);
    return this.#at + length;
  }

  #advance(bytes: number): void {
    if (bytes > this.#end - this.#at) throw damaged(`the end after ${this.#end} bytes`);
    this.#at += bytes;
  }

  #varint(): number {
    let value = 0;
    let weight = 1;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) throw damaged(`the end after ${this.#end} bytes`);
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
      weight *= 0x80;
    }
    throw damaged(`a number of more than ten bytes before byte ${this.#at}`);
  }
}

function damaged(found: string): RangeError {
  return new RangeError(
    `Expected a whole ONNX file (protocol buffers), found ${found}. The file is damaged: restore it.`,
  );
}
