import { type Case, type Input, noise, type Precision, type Target } from '../../src/suite.ts';

type Operation = 'eigh' | 'eigvalsh' | 'svd' | 'svdvals';

/** Symmetric matrices. */
function symmetric(shape: readonly number[], precision: Precision): Input {
  const { data } = noise(shape, precision);
  const n = shape.at(-1) ?? 1;
  const made = data.map((x, at) => {
    const [row, column] = [Math.floor(at / n) % n, at % n];
    return (x + (data[at + (column - row) * (n - 1)] ?? 0)) / 2;
  });
  return { shape, data: made };
}

function targets(operation: Operation, shape: readonly number[]): Target[] {
  if (shape[0] === 512) return [{ side: 'SciPy', atMost: 10 }];
  return shape.length > 2 && (operation === 'eigh' || operation === 'svd')
    ? [{ side: 'SciPy', atMost: 1.5 }]
    : [];
}

function spectral(operation: Operation, shape: readonly number[], precision: Precision): Case {
  const wide = operation === 'eigh' || operation === 'eigvalsh';
  return {
    group: 'spectral',
    name: `${operation} of ${shape.join('x')}`,
    precision,
    program: 'spectral',
    options: { operation },
    inputs: () => ({ a: wide ? symmetric(shape, precision) : noise(shape, precision) }),
    // Vectors are as sensitive as their values are close.
    tolerance: precision === 'float64' ? 1e-7 : 5e-2,
    targets: targets(operation, shape),
  };
}

const squares = [
  [512, 512],
  [128, 128],
  [2000, 16, 16],
  [100_000, 3, 3],
] as const;

/** Eigenvalues of symmetric matrices and singular values. */
export const cases: readonly Case[] = (['float64', 'float32'] as const).flatMap((precision) => [
  ...(['eigh', 'eigvalsh', 'svd', 'svdvals'] as const).flatMap((operation) =>
    squares.map((shape) => spectral(operation, shape, precision)),
  ),
  spectral('svd', [2000, 100], precision),
  spectral('svd', [100, 2000], precision),
]);
