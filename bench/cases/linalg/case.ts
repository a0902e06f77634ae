import {
  type Case,
  type Input,
  type Inputs,
  noise,
  type Precision,
  type Target,
} from '../../src/suite.ts';

type Operation = 'cholesky' | 'lu' | 'solve' | 'inv' | 'qr';

/** Symmetric matrices with a diagonal that outweighs the rest, and right-hand sides. */
function inputs(shape: readonly number[], precision: Precision): Inputs {
  const a = noise(shape, precision, { seed: 1 });
  const n = shape.at(-1) ?? 0;
  for (let first = 0; first < a.data.length; first += n * n) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) a.data[first + j * n + i] = a.data[first + i * n + j] ?? 0;
      a.data[first + i * n + i] = n;
    }
  }
  const b: Input = noise([...shape.slice(0, -1), 1], precision, { seed: 2 });
  return { a, b };
}

const flopsOf: { readonly [O in Operation]: (n: number) => number } = {
  cholesky: (n) => n ** 3 / 3,
  lu: (n) => (2 * n ** 3) / 3,
  solve: (n) => (2 * n ** 3) / 3 + 2 * n ** 2,
  inv: (n) => 2 * n ** 3,
  qr: (n) => (8 * n ** 3) / 3,
};

/** OpenBLAS has AVX-512, whose products are three to four times as fast as those of 128-bit vectors. */
const mostOfSciPy = 4;

function targets(operation: Operation): Target[] {
  const measured = operation === 'cholesky' || operation === 'lu' || operation === 'solve';
  return measured ? [{ side: 'SciPy', atMost: mostOfSciPy }] : [];
}

function of(operation: Operation, shape: readonly number[], precision: Precision): Case {
  const n = shape.at(-1) ?? 0;
  const count = shape.length > 2 ? (shape[0] ?? 0) : 1;
  return {
    group: 'linalg',
    program: 'linalg',
    name: count > 1 ? `${count} ${operation} ${n}` : `${operation} ${n}`,
    precision,
    options: { operation },
    inputs: () => inputs(shape, precision),
    flops: count * flopsOf[operation](n),
    targets: targets(operation),
  };
}

/** Factors of matrices and solutions of systems, large ones and many small ones. */
export const cases: readonly Case[] = (['float32', 'float64'] as const).flatMap((precision) => [
  ...(['cholesky', 'lu', 'solve'] as const).flatMap((operation) => [
    ...[64, 256, 512].map((n) => of(operation, [n, n], precision)),
    ...[3, 6].map((n) => of(operation, [100_000, n, n], precision)),
  ]),
  ...(['inv', 'qr'] as const).map((operation) => of(operation, [256, 256], precision)),
]);
