const float32 = new Float32Array(1);
const float32Bytes = new Uint8Array(float32.buffer);
const float64 = new Float64Array(1);
const float64Bytes = new Uint8Array(float64.buffer);
const nothing = new Uint8Array(0);
const utf8 = new TextEncoder();

/** A growing array of bytes with the number formats of WebAssembly. */
export class Bytes {
  #data: Uint8Array<ArrayBuffer> = nothing;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #grow(more: number): void {
    const data = new Uint8Array(Math.max(64, 2 * this.#data.length, this.#length + more));
    data.set(this.view());
    this.#data = data;
  }

  u8(value: number): void {
    if (this.#length === this.#data.length) this.#grow(1);
    this.#data[this.#length++] = value;
  }

  /** Unsigned LEB128. */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.u8(rest);
  }

  /** Signed LEB128. */
  s32(value: number): void {
    let rest = value | 0;
    while (rest < -0x40 || rest > 0x3f) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.u8(rest & 0x7f);
  }

  /** Signed LEB128 of a value in [-2^63, 2^63). */
  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest < -0x40n || rest > 0x3fn) {
      this.u8(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.u8(Number(rest & 0x7fn));
  }

  f32(value: number): void {
    float32[0] = value;
    this.bytes(float32Bytes);
  }

  f64(value: number): void {
    float64[0] = value;
    this.bytes(float64Bytes);
  }

  bytes(values: Uint8Array): void {
    if (values.length === 0) return;
    if (this.#length + values.length > this.#data.length) this.#grow(values.length);
    this.#data.set(values, this.#length);
    this.#length += values.length;
  }

  /** Length-prefixed UTF-8. */
  name(text: string): void {
    this.sized(utf8.encode(text));
  }

  /** Length-prefixed bytes. */
  sized(values: Uint8Array): void {
    this.u32(values.length);
    this.bytes(values);
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.#data.subarray(0, this.#length);
  }
}
