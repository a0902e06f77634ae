const float32 = new Float32Array(1);
const float32Bytes = new Uint8Array(float32.buffer);
const float64 = new Float64Array(1);
const float64Bytes = new Uint8Array(float64.buffer);
const utf8 = new TextEncoder();

/** What is appended is taken over as it is from so many bytes on; less than that is copied. */
const leastPiece = 64;

/**
 * A growing sequence of bytes with the number formats of WebAssembly. Code is put together inside out, a
 * body before the loop around it, so what is appended is not copied until the whole is there.
 */
export class Bytes {
  /** What comes before `#last`. */
  #pieces: number[][] = [];
  #last: number[] = [];
  #before = 0;

  get length(): number {
    return this.#before + this.#last.length;
  }

  u8(value: number): void {
    this.#last.push(value);
  }

  /** Unsigned LEB128. */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.#last.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.#last.push(rest);
  }

  /** Signed LEB128. */
  s32(value: number): void {
    let rest = value | 0;
    while (rest < -0x40 || rest > 0x3f) {
      this.#last.push((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.#last.push(rest & 0x7f);
  }

  /** Signed LEB128 of a value in [-2^63, 2^63). */
  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest < -0x40n || rest > 0x3fn) {
      this.#last.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#last.push(Number(rest & 0x7fn));
  }

  f32(value: number): void {
    float32[0] = value;
    this.bytes(float32Bytes);
  }

  f64(value: number): void {
    float64[0] = value;
    this.bytes(float64Bytes);
  }

  /** A few bytes. */
  bytes(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.#last.push(values[i] ?? 0);
  }

  /** Length-prefixed UTF-8. */
  name(text: string): void {
    const encoded = utf8.encode(text);
    this.u32(encoded.length);
    this.bytes(encoded);
  }

  /** Length-prefixed bytes. */
  sized(bytes: Bytes): void {
    this.u32(bytes.length);
    this.append(bytes);
  }

  /** All of another sequence, to which nothing is added after that. */
  append(bytes: Bytes): void {
    for (const piece of bytes.#pieces) this.#piece(piece);
    this.#piece(bytes.#last);
  }

  #piece(piece: number[]): void {
    if (piece.length < leastPiece) {
      this.bytes(piece);
      return;
    }
    this.#pieces.push(this.#last, piece);
    this.#before += this.#last.length + piece.length;
    this.#last = [];
  }

  /** All bytes, in memory of their own. */
  toArray(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const piece of [...this.#pieces, this.#last]) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}
