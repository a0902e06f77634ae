import { full, random } from '@grad/core';
import type { Initializer } from './fans.ts';

/** All zeros. */
export const zeros: Initializer = constant(0);

/** All ones. */
export const ones: Initializer = constant(1);

/** All the same number. */
export function constant(value: number): Initializer {
  return (_key, shape, { dtype = 'float32' } = {}) => full(shape, value, { dtype });
}

/** Uniform in [low, high). */
export function uniform(low: number, high: number): Initializer {
  return (key, shape, { dtype = 'float32' } = {}) =>
    random.uniform(key, shape, { dtype, low, high });
}

/** Normal with mean 0 and a standard deviation, 1 when left out. */
export function normal(std = 1): Initializer {
  return (key, shape, { dtype = 'float32' } = {}) => random.normal(key, shape, { dtype }).mul(std);
}

/**
 * Normal with mean 0 and standard deviation `std` (1 when left out), of which only what lies within
 * `bound` standard deviations (2 when left out) is drawn. What is drawn spreads less than `std`: by
 * 0.8796 for a bound of 2.
 */
export function truncatedNormal(std = 1, bound = 2): Initializer {
  return (key, shape, { dtype = 'float32' } = {}) =>
    random.truncatedNormal(key, shape, { dtype, low: -bound, high: bound }).mul(std);
}
