import { type Case, type Inputs, indices, noise } from '../../src/suite.ts';

const [rows, features, classes] = [3823, 64, 10];

/** Rows around a middle for each class, which overlap. */
function inputs(): Inputs {
  const labels = indices(rows, classes, 1);
  const middles = noise([classes, features], 'float64', { seed: 2, scale: 0.5 }).data;
  const { shape, data } = noise([rows, features], 'float64', { seed: 3 });
  const x = data.map((value, i) => {
    const [row, feature] = [Math.floor(i / features), i % features];
    return value + (middles[(labels.data[row] ?? 0) * features + feature] ?? 0);
  });
  return { x: { shape, data: x }, labels };
}

/**
 * Softmax regression with a penalty, from zeros until the norm of the gradient is 1e-6: all of the minimization, as
 * large as that of the handwritten digits of UCI. SciPy's `L-BFGS-B` gets value and gradient from NumPy, by hand.
 */
export const cases: readonly Case[] = [
  {
    group: 'plugins',
    name: `optim: softmax regression by L-BFGS, ${rows}x${features}, ${classes} classes`,
    precision: 'float64',
    program: 'softmax-regression',
    options: { classes, penalty: 1e-3, gradientTolerance: 1e-6 },
    inputs,
    tolerance: 1e-3,
    targets: [{ side: 'SciPy', atMost: 1 }],
  },
];
