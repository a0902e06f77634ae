import { microKernel } from '../../src/micro-kernel.ts';
import type { Prepare } from '../../src/suite.ts';

/** A product of its own, of panels that lie in the cache: what the others can at best reach. */
export const prepare: Prepare = (_, { precision }) => {
  const { run, flops } = microKernel(precision === 'float64' ? 'float64' : 'float32');
  return { run, output: () => [], flops };
};
