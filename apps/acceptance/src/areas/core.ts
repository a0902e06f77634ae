import {
  callback,
  cos,
  erf,
  exp,
  expm1,
  grad,
  jit,
  lgamma,
  log,
  log1p,
  prod,
  random,
  scan,
  sigmoid,
  sin,
  stopGradient,
  sum,
  type Tensor,
  tan,
  tanh,
  tensor,
  where,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import type { Row } from '@grad/tour';
import type { Area } from '../line.ts';
import { atMostRow, holdsRow, nearRow, plainRow } from '../rows.ts';
import { accuracyRows } from './core-accuracy.ts';
import { bundleRows, gmmRows, gradbenchRows, handRows, lstmRows } from './core-adbench.ts';

export const core: Area = {
  name: 'core',
  lines: [
    {
      name: 'laws',
      asks: 'Every primitive obeys the laws of the architecture.',
      elsewhere: 'npm test, packages/core/test/laws',
    },
    {
      name: 'zeros',
      asks: 'grad(prod)([0,2,3]) = [6,0,0]; grad(x => where(x > 0, sqrt(x), 0))(0) = 0.',
      run() {
        const slopes = grad((x: Tensor) => prod(x))(tensor([0, 2, 3]));
        const safe = grad((x: Tensor) => where(x.gt(0), x.sqrt(), 0))(0);
        return [
          ...[6, 0, 0].map((value, i) =>
            nearRow(`grad(prod), ${i + 1}`, slopes.at(i).item(), value, 0),
          ),
          nearRow('grad(where) at 0', safe.item(), 0, 0),
        ];
      },
    },
    {
      name: 'higher-derivatives',
      asks: 'Second and third derivatives of smooth functions pass checkGrads.',
      run: higherRows,
    },
    {
      name: 'accuracy',
      asks: 'exp log log1p expm1 sin cos tan tanh sigmoid erf pow: at most 2 ulp in float64 and float32; lgamma 2 ulp for x > 0, 4 ulp of max(|y|, 1) for x < 0.',
      run: ({ show }) => accuracyRows(show),
    },
    {
      name: 'long-sum',
      asks: 'The sum of 10^6 x 0.1 in float32 is within 0.1 of 100000.',
      run: () => [
        nearRow('sum', sum(tensor(new Float32Array(1e6).fill(0.1))).item(), 100_000, 0.1),
      ],
    },
    {
      name: 'checkpoint-steps',
      asks: 'Extra forward steps for n steps and s snapshots: (10,3) 15, (14,3) 27, (100,5) 316, (100,10) 222, (250,10) 672, (1000,10) 3636.',
      run: () =>
        [
          [10, 3, 15],
          [14, 3, 27],
          [100, 5, 316],
          [100, 10, 222],
          [250, 10, 672],
          [1000, 10, 3636],
        ].map(([n = 0, s = 0, known = 0]) =>
          nearRow(`n = ${n}, s = ${s}`, extraSteps(n, s), known, 0),
        ),
    },
    {
      name: 'checkpoint-bits',
      asks: 'The gradient is bit-identical for every number of snapshots.',
      run: bitRows,
    },
    {
      name: 'saddle',
      asks: 'Saddle: nested differentiation, forward and reverse in all four combinations.',
      run: () => gradbenchRows(['saddle', 'particle']),
    },
    {
      name: 'costs',
      asks: 'time(grad)/time(f) at most 3 (3.5 if matmul-bound), 1.3 where transcendentals dominate; jvp at most 2 (3); hvp at most 4 (9).',
      elsewhere: 'npm run bench -- --case transforms',
    },
    {
      name: 'adbench-gmm',
      asks: 'ADBench GMM: gradients match hand-derived ones to rho < 1e-8; gmm/test.txt: 8.073804080049758.',
      needsData: true,
      run: ({ data }) => gmmRows(data),
    },
    {
      name: 'adbench-ba',
      asks: 'ADBench BA: the sparse Jacobian matches independent derivatives to rho < 1e-8, with 31 p nonzeros.',
      needsData: true,
      run: ({ data }) => bundleRows(data),
    },
    {
      name: 'adbench-lstm',
      asks: 'ADBench LSTM: gradients match independent derivatives to rho < 1e-8 (l2_c1024: F = .66666518).',
      needsData: true,
      run: ({ data }) => lstmRows(data),
    },
    {
      name: 'adbench-hand',
      asks: 'ADBench HAND, simple and complicated: the Jacobian matches independent derivatives to rho < 1e-8.',
      needsData: true,
      run: ({ data }) => handRows(data),
    },
    {
      name: 'gradbench',
      asks: 'GradBench, all 12 evals: recorded inputs with outputs of its hand-derived tool and validators (its own runs: apps/gradbench/RESULTS.md).',
      run: () => gradbenchRows(),
    },
  ],
};

/** Derivatives of f(x) x, so that none of them is a constant. */
function higherRows(): Row[] {
  const x = random.uniform(random.key(3), [5], { low: 0.2, high: 0.9 });
  const functions: Record<string, (x: Tensor) => Tensor> = {
    exp,
    log,
    log1p,
    expm1,
    sin,
    cos,
    tan,
    tanh,
    sigmoid,
    erf,
    lgamma,
    'x^2.5': (z) => z.pow(2.5),
    sqrt: (z) => z.sqrt(),
    quotient: (z) => z.sin().div(z.square().add(1)),
    prod: (z) => prod(z),
    logsumexp: (z) => z.exp().sum().log(),
  };
  return Object.entries(functions).map(([name, f]) => {
    const passes = (() => {
      try {
        checkGrads((z: Tensor) => f(z).mul(z).sum(), [x], { order: 3 });
        return true;
      } catch {
        return false;
      }
    })();
    return holdsRow(`${name}: derivatives of order 1, 2 and 3`, passes);
  });
}

const chain =
  (length: number, checkpoint: number | 'store', step: (x: Tensor) => Tensor) => (x: Tensor) =>
    scan((c: Tensor) => [step(c), null], x, null, { length, checkpoint })[0];

/** Steps that run beyond the recorded ones while a gradient is computed, counted by a callback. */
function extraSteps(length: number, snapshots: number): number {
  let count = 0;
  const one = { shape: [], dtype: 'float64' } as const;
  const counted = (x: Tensor): Tensor =>
    tanh(x).mul(
      callback(
        () => {
          count++;
          return tensor(1);
        },
        one,
        stopGradient(x),
      ),
    );
  const slope = jit(grad(chain(length, snapshots, counted)))(0.5).item();
  return Number.isFinite(slope) ? count - length : Number.NaN;
}

function bitRows(): Row[] {
  const step = (x: Tensor): Tensor => x.add(x.sin().mul(0.01)).add(x.tanh().mul(0.003));
  const slope = (checkpoint: number | 'store'): number =>
    jit(grad(chain(500, checkpoint, step)))(0.5).item();
  const all = slope('store');
  return [
    plainRow('gradient through 500 steps', all),
    ...[1, 2, 3, 7, 20, 100, 499].map((s) =>
      atMostRow(`difference with ${s} snapshots`, Math.abs(slope(s) - all), 0),
    ),
  ];
}
