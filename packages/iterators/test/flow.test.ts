import {
  concatenate,
  eye,
  grad,
  jit,
  linalg,
  linspace,
  matmul,
  random,
  type Tensor,
  tanh,
  tensor,
  tree,
  vmap,
} from '@grad/core';
import { allclose, checkGrads } from '@grad/core/testing';
import { cnf, deq, neuralOde } from '@grad/iterators';
import { mlp } from '@grad/nn';
import { adam, fit } from '@grad/optim';
import { describe, expect, test } from 'vitest';

const A = tensor([
  [-0.3, 1.1],
  [-0.9, 0.2],
]);
const near = (x: Tensor, y: Tensor, tol: number): void => {
  expect(allclose(x, y, { rtol: tol, atol: tol })).toBe(true);
};
const points = tensor([
  [0.3, -1],
  [2, 0.5],
  [-0.7, 0.1],
]);

describe('neuralOde', () => {
  const ode = neuralOde({
    dynamics: (y, t, { w }: { w: Tensor }) => tanh(matmul(y, w)).add(t),
    times: [0, 0.5],
    rtol: 1e-9,
    atol: 1e-11,
  });

  test('is the matrix exponential for linear dynamics', () => {
    const linear = neuralOde({
      dynamics: (y, _, w: Tensor) => matmul(y, w),
      rtol: 1e-11,
      atol: 1e-12,
    });
    let power = eye(2);
    let sum = power;
    for (let k = 1; k < 25; k++) {
      power = matmul(power, A).div(k);
      sum = sum.add(power);
    }
    near(linear.apply(A, points), matmul(points, sum), 1e-10);
    expect(linear.solve(A, points).status).toBe('success');
  });

  test('has derivatives in parameters and input, compiled and batched', () => {
    const loss = (w: Tensor, x: Tensor): Tensor => ode.apply({ w }, x).square().sum();
    checkGrads(loss, [A, points], { order: 2 });
    const gradient = grad(loss);
    const batch = jit(vmap(gradient, { inAxes: [null, 0] }))(A, points);
    for (let i = 0; i < 3; i++) near(batch.at(i), gradient(A, points.at(i)), 1e-9);
  });

  test('says so when it does not come to its end', () => {
    const explosive = neuralOde({ dynamics: (y, _, k: Tensor) => y.square().mul(k) });
    const { status, ys } = explosive.solve(tensor(1), [2]);
    expect(status).not.toBe('success');
    expect(ys.at(-1).item()).toBeNaN();
  });
});

describe('cnf', () => {
  const tolerances = { rtol: 1e-11, atol: 1e-12 };
  const linear = cnf({
    dimension: 2,
    dynamics: (x, _, w: Tensor) => matmul(x, w),
    times: [0, 1.5],
    ...tolerances,
  });

  test('changes the density by minus the trace times the time, for linear dynamics', () => {
    const { logDensityChange } = linear.forward(A, points);
    near(logDensityChange, tensor([0.15, 0.15, 0.15]), 1e-15);
    near(linear.inverse(A, points).logDensityChange, tensor([-0.15, -0.15, -0.15]), 1e-15);
  });

  test('has the density of the normal distribution that linear dynamics make', () => {
    const columns = linear.forward(A, eye(2)).points; // rows are images of axes
    const covariance = matmul(columns.transpose(), columns);
    const expected = vmap((x: Tensor) =>
      x
        .mul(linalg.solve(covariance, x))
        .sum()
        .add(
          linalg
            .det(covariance)
            .mul((2 * Math.PI) ** 2)
            .log(),
        )
        .mul(-0.5),
    )(points);
    near(linear.logDensity(A, points), expected, 1e-9);
  });

  const net = mlp([3, 16, 2], { activation: tanh, dtype: 'float64' });
  const params = net.init(random.key(3));
  const dynamics = (x: Tensor, t: Tensor, p: typeof params): Tensor => {
    const time = x.at(null, [0, 1]).mul(0).add(t);
    return net.apply(p, concatenate([x, time], { axis: 1 })).mul(1.5);
  };
  const flow = cnf({ dimension: 2, dynamics, rtol: 1e-7, atol: 1e-9 });
  const fixedSteps = cnf({ dimension: 2, dynamics, method: 'rk4', stepSize: 0.2 });

  const mass = (p: typeof params): number => {
    const [n, reach] = [81, 8];
    const axis = [...linspace(-reach, reach, n).dataSync()];
    const grid = tensor(axis.flatMap((x) => axis.map((y) => [x, y])));
    const cell = ((2 * reach) / (n - 1)) ** 2;
    return flow.logDensity(p, grid).exp().sum().mul(cell).item();
  };

  test('has densities that integrate to 1', () => {
    expect(mass(params)).toBeCloseTo(1, 5);
  });

  test('is fitted to eight normal distributions, and still integrates to 1', async () => {
    const count = 96;
    const centers = Array.from({ length: count }, (_, i) => {
      const angle = (Math.PI / 4) * (i % 8);
      return [2 * Math.cos(angle), 2 * Math.sin(angle)];
    });
    const data = tensor(centers).add(random.normal(random.key(4), [count, 2]).mul(0.2));
    const loss = (p: typeof params, x: Tensor): Tensor => fixedSteps.logDensity(p, x).mean().neg();
    const fitted = await fit(loss, params, {
      optimizer: adam({ learningRate: 0.03 }),
      batches: () => [data],
      epochs: 40,
    });
    expect(loss(params, data).item()).toBeGreaterThan(4);
    expect(loss(fitted.params, data).item()).toBeLessThan(3.3);
    expect(mass(fitted.params)).toBeCloseTo(1, 3);
  });

  test('has as the change of its density the determinant of its map', () => {
    const x = points.at(1);
    const map = (from: Tensor): Tensor => flow.forward(params, from.expandDims(0)).points.at(0);
    const h = 1e-4;
    const columns = [0, 1].map((i) => {
      const step = eye(2).at(i).mul(h);
      return map(x.add(step))
        .sub(map(x.sub(step)))
        .div(2 * h)
        .toArray();
    });
    const change = flow.forward(params, x.expandDims(0)).logDensityChange.at(0);
    expect(change.item()).toBeCloseTo(-linalg.det(tensor(columns)).log().item(), 5);
  });

  test('has an estimate of the trace that is right on average', () => {
    const estimate = cnf({
      dimension: 2,
      dynamics: (x, _, w: Tensor) => matmul(x, w),
      trace: 'hutchinson',
    });
    const many = tensor(Array.from({ length: 2000 }, () => [0, 0]));
    const changes = estimate.forward(A, many, random.key(5)).logDensityChange;
    // w'Aw is tr A plus or minus (A_12 + A_21), here 0.2, so the mean is within 0.2 / sqrt(2000) of 0.1.
    expect(Math.abs(changes.mean().item() - 0.1)).toBeLessThan(4 * (0.2 / Math.sqrt(2000)));
    near(changes.sub(0.1).abs(), changes.mul(0).add(0.2), 1e-12);
  });

  test('has derivatives in parameters and points, compiled', () => {
    const loss = (p: typeof params, x: Tensor): Tensor => flow.logDensity(p, x).sum();
    checkGrads(loss, [params, points], { order: 1, rtol: 1e-5 });
    const [once, compiled] = [grad(loss)(params, points), jit(grad(loss))(params, points)];
    const gap = tree.map((x: Tensor, y: Tensor) => x.sub(y).abs().max(), once, compiled);
    for (const each of tree.leaves(gap)) expect(each.item()).toBeLessThan(1e-10);
  });

  test('samples the distribution whose density it gives', () => {
    const samples = linear.sample(A, random.key(1), 20_000);
    const columns = linear.forward(A, eye(2)).points;
    const covariance = matmul(samples.transpose(), samples).div(20_000);
    near(covariance, matmul(columns.transpose(), columns), 0.05);
  });

  test('says what is wrong with an argument', () => {
    const dynamics = (x: Tensor): Tensor => x;
    expect(() => linear.logDensity(A, [1, 2])).toThrow('cnf: points have shape [2]; give [n, 2]');
    expect(() => cnf({ dimension: 0, dynamics })).toThrow('cnf: dimension is 0');
    const estimate = cnf({ dimension: 2, dynamics, trace: 'hutchinson' });
    expect(() => estimate.logDensity(undefined, points)).toThrow(
      'needs a key as the last argument',
    );
  });
});

describe('deq', () => {
  const layer = deq({
    cell: (z, x, { w, u }: { w: Tensor; u: Tensor }) => tanh(matmul(z, w).add(matmul(x, u))),
    start: (x) =>
      matmul(
        x,
        tensor([
          [0, 0, 0],
          [0, 0, 0],
        ]),
      ),
    tol: 1e-13,
  });
  const [one, other] = [random.key(2), random.key(9)];
  const params = {
    w: random.normal(one, [3, 3]).mul(0.3),
    u: random.normal(other, [2, 3]),
  };

  test('is an equilibrium of its cell, with derivatives in parameters and input', () => {
    const { value, status } = layer.solve(params, points);
    expect(status).toBe('converged');
    near(value, tanh(matmul(value, params.w).add(matmul(points, params.u))), 1e-12);
    const loss = (p: typeof params, x: Tensor): Tensor => layer.apply(p, x).square().sum();
    checkGrads(loss, [params, points], { order: 2 });
  });

  test('has the derivative of its iterations', () => {
    const loss = (w: Tensor): Tensor =>
      layer
        .apply({ ...params, w }, points)
        .square()
        .sum();
    const unrolled = (w: Tensor): Tensor => {
      let z = matmul(points, params.u).mul(0);
      for (let k = 0; k < 60; k++) z = tanh(matmul(z, w).add(matmul(points, params.u)));
      return z.square().sum();
    };
    near(grad(loss)(params.w), grad(unrolled)(params.w), 1e-10);
  });

  test('starts from zeros, and says so when there is no equilibrium', () => {
    const flipping = deq({
      cell: (z, x, k: Tensor) => z.mul(k).add(x),
      solver: 'picard',
      maxIterations: 50,
    });
    expect(flipping.solve(tensor(-1), [1, 2]).status).toBe('maxIterations');
    near(flipping.apply(tensor(0.2), [1, 2]), tensor([1.25, 2.5]), 1e-9);
  });
});
