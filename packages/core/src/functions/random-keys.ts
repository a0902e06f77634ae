/** Keys of random numbers, and the words that Threefry makes of them. */

import { iota } from '../primitives/create.ts';
import { domains, threefry } from '../primitives/threefry.ts';
import { checkWhole, describeValue } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { checkCount, checkShape, type Shape, ShapeError, sizeOf } from '../tensor/shape.ts';
import { fromData, isTensor, type Tensor } from '../tensor/tensor.ts';
import { describeType } from '../tensor/type.ts';
import { stretch } from './promote.ts';
import { at, reshape, stack } from './shape.ts';
import { asTensor } from './tensor.ts';

/**
 * A key from a seed: two int32 words, the low and the high bits of a whole number.
 *
 * @throws RangeError when the seed is not a whole number below 2^53.
 */
export function key(seed: number): Tensor {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`random.key: the seed is ${seed}; a whole number below 2^53 is needed.`);
  }
  return fromData('int32', [2], Int32Array.of(Math.floor(seed / 2 ** 32) | 0, seed | 0));
}

/** Refuses what is no key. */
export function checkKey(name: string, from: Tensor): void {
  if (!isTensor(from)) {
    throw new TypeError(
      `random.${name}: the key is ${describeValue(from)}; keys are made by random.key and random.split.`,
    );
  }
  if (from.dtype !== 'int32' || from.ndim !== 1 || from.shape[0] !== 2) {
    throw new ShapeError(
      `random.${name}: the key is ${describeType(from.type)}; keys are made by random.key and random.split. Use vmap for a batch of keys.`,
    );
  }
}

export function halves(name: string, from: Tensor): [Tensor, Tensor] {
  checkKey(name, from);
  return [at(from, 0), at(from, 1)];
}

/** One word for each counter. */
function draw(
  name: string,
  from: Tensor,
  counter: Tensor,
  word: 0 | 1,
  domain: number = domains.bits,
): Tensor {
  const [k0, k1] = halves(name, from).map((half) => stretch(half, counter.shape));
  if (!k0 || !k1) throw new Error('unreachable');
  return threefry(k0, k1, counter, { word, domain });
}

export function words(name: string, from: Tensor, shape: Shape, word: 0 | 1): Tensor {
  checkShape(`random.${name}`, shape);
  return draw(name, from, counters(shape), word);
}

/** 0, 1, 2, ... in a shape. */
export function counters(shape: Shape): Tensor {
  return reshape(iota([], { size: sizeOf(shape), dtype: 'int32' }), shape);
}

/** Independent keys from one, which is not to be used any more: shape `[count, 2]`. */
export function keys(from: Tensor, count: number): Tensor {
  checkWhole('random.keys', 'the count', count, 0);
  checkCount('random.keys', [count, 2]);
  const counter = iota([], { size: count, dtype: 'int32' });
  const word = (which: 0 | 1): Tensor => draw('keys', from, counter, which, domains.keys);
  return stack([word(0), word(1)], { axis: 1 });
}

/** Independent keys from one, which is not to be used any more, as a list; two unless said otherwise. */
export function split(from: Tensor, count?: 2): [Tensor, Tensor];
export function split(from: Tensor, count: 3): [Tensor, Tensor, Tensor];
export function split(from: Tensor, count: 4): [Tensor, Tensor, Tensor, Tensor];
export function split(from: Tensor, count: number): Tensor[];
export function split(from: Tensor, count: number = 2): Tensor[] {
  checkKey('split', from);
  checkWhole('random.split', 'the count', count, 0);
  checkCount('random.split', [count, 2]);
  const all = keys(from, count);
  return Array.from({ length: count }, (_, i) => at(all, i));
}

/** A key that depends on a number as well, such as the number of a step; int32. */
export function foldIn(from: Tensor, data: TensorLike): Tensor {
  if (typeof data === 'number' && !Number.isInteger(data)) {
    throw new RangeError(`random.foldIn: ${data} is not a whole number.`);
  }
  if (typeof data === 'number' && (data < -(2 ** 31) || data >= 2 ** 32)) {
    throw new RangeError(
      `random.foldIn: ${data} has more than 32 bits, so that others would give the same key. Fold its halves in one after the other.`,
    );
  }
  const counter =
    typeof data === 'number'
      ? fromData('int32', [], Int32Array.of(data))
      : asTensor(data, 'random.foldIn', 'data');
  const word = (which: 0 | 1): Tensor => draw('foldIn', from, counter, which, domains.foldIn);
  return stack([word(0), word(1)]);
}

/** Uniform int32 words. */
export function bits(from: Tensor, shape: Shape = []): Tensor {
  return words('bits', from, shape, 0);
}
