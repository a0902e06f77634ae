import { type Case, type Inputs, noise, type Target } from '../../src/suite.ts';

/** Second differences on a grid with zeros outside, and a wind along the first axis. */
function grid(extents: readonly number[], wind: number): Inputs {
  const order = extents.reduce((product, extent) => product * extent, 1);
  const indptr = new Int32Array(order + 1);
  const indices: number[] = [];
  const data: number[] = [];
  for (let i = 0; i < order; i++) {
    const row: [column: number, value: number][] = [[i, 2 * extents.length]];
    let stride = 1;
    extents.forEach((extent, axis) => {
      const at = Math.floor(i / stride) % extent;
      const drift = axis === 0 ? wind : 0;
      if (at > 0) row.push([i - stride, -1 - drift]);
      if (at < extent - 1) row.push([i + stride, -1 + drift]);
      stride *= extent;
    });
    for (const [column, value] of row.sort(([a], [b]) => a - b)) {
      indices.push(column);
      data.push(value);
    }
    indptr[i + 1] = indices.length;
  }
  return {
    data: { shape: [data.length], data: Float64Array.from(data) },
    indptr: { shape: [order + 1], data: indptr },
    indices: { shape: [indices.length], data: Int32Array.from(indices) },
    b: noise([order], 'float64', { seed: 1 }),
  };
}

interface Work {
  readonly name: string;
  readonly extents: readonly number[];
  readonly operation: 'matvec' | 'gradient';
  readonly method?: 'cholesky' | 'lu';
  readonly wind?: number;
  readonly targets?: readonly Target[];
}

const twice: readonly Target[] = [{ side: 'SciPy', atMost: 2 }];

const works: readonly Work[] = [
  { name: 'product of 10^6 entries with a vector', extents: [447, 447], operation: 'matvec' },
  {
    name: 'gradient of a solution, 316x316, Cholesky',
    extents: [316, 316],
    operation: 'gradient',
    method: 'cholesky',
    targets: twice,
  },
  {
    name: 'gradient of a solution, 316x316, LU',
    extents: [316, 316],
    operation: 'gradient',
    method: 'lu',
    targets: twice,
  },
  {
    name: 'gradient of a solution with wind, 316x316, LU',
    extents: [316, 316],
    operation: 'gradient',
    method: 'lu',
    wind: 0.5,
    targets: twice,
  },
  {
    name: 'gradient of a solution, 40x40x40, Cholesky',
    extents: [40, 40, 40],
    operation: 'gradient',
    method: 'cholesky',
  },
];

/**
 * Products and solutions of sparse matrices, and the gradient of half the square of the solution in all
 * values and the right-hand side: a factorization and two solutions. Ours finds the order of elimination
 * once for all runs, SuperLU in each.
 */
export const cases: readonly Case[] = works.map(
  ({ name, extents, operation, method = 'cholesky', wind = 0, targets = [] }) => ({
    group: 'sparse',
    program: 'sparse',
    name,
    precision: 'float64',
    options: {
      operation,
      method,
      order: extents.reduce((product, extent) => product * extent, 1),
    },
    inputs: () => grid(extents, wind),
    targets,
    tolerance: 1e-7,
  }),
);
