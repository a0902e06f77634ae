import { copyOf, type Data, type DType, viewOf } from '../tensor/dtype.ts';

/** Small, since one array that somebody keeps keeps all of it. */
const slabBytes = 2048;
/** V8 keeps arrays of up to 64 bytes in its own heap, where they cost little. */
const least = 64;
const most = 512;

/**
 * Copies of small arrays. An ArrayBuffer of their own would cost more than everything else about
 * them, so they share one until it is full; the garbage collector frees it after the last of them.
 */
export class Slab {
  #buffer = new ArrayBuffer(0);
  #used = 0;

  copy(dtype: DType, from: Data): Data {
    const { byteLength, length } = from;
    if (byteLength <= least || byteLength > most) return copyOf(from);
    if (this.#used + byteLength > this.#buffer.byteLength) {
      this.#buffer = new ArrayBuffer(slabBytes);
      this.#used = 0;
    }
    const copy = viewOf(dtype, this.#buffer, this.#used, length);
    copy.set(from);
    this.#used += Math.ceil(byteLength / 8) * 8;
    return copy;
  }
}
