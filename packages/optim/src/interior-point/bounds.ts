import { broadcastTo, tree } from '@grad/core';
import type { Bounds } from '../minimize-options.ts';
import { elementNames } from './element-names.ts';

/** Bounds of all elements of x. */
export function boundsOf(
  x: unknown,
  bounds: Bounds = {},
): { readonly lower: Float64Array; readonly upper: Float64Array } {
  const lower = elements('lower', x, bounds.lower ?? Number.NEGATIVE_INFINITY);
  const upper = elements('upper', x, bounds.upper ?? Number.POSITIVE_INFINITY);
  const wrong = lower.findIndex((low, i) => !(low <= (upper[i] ?? Number.NaN)));
  if (wrong >= 0) {
    const name = elementNames(x, 'x')[wrong];
    throw new RangeError(
      `minimize: the lower bound of ${name} is ${lower[wrong]} and the upper one ${upper[wrong]}; a lower bound is at most the upper one.`,
    );
  }
  return { lower, upper };
}

function elements(side: string, x: unknown, bound: number | object): Float64Array {
  const leaves = tree.leaves(x);
  const given = typeof bound === 'number' ? leaves.map(() => bound) : tree.leaves(bound);
  if (given.length !== leaves.length) {
    throw new TypeError(
      `minimize: bounds.${side} has ${given.length} leaves and x ${leaves.length}; give one number, or a tree like x.`,
    );
  }
  const all = new Float64Array(leaves.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  leaves.forEach(({ shape, size }, i) => {
    const bounds = broadcastTo(given[i] ?? Number.NaN, shape);
    bounds.read((data) => all.set(data, at));
    at += size;
  });
  return all;
}
