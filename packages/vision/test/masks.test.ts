import {
  grad,
  jit,
  random,
  relu,
  softplus,
  stack,
  type Tensor,
  tanh,
  tensor,
  tree,
  vmap,
} from '@grad/core';
import { activation, conv2d, dense, flatten, mlp, sequential } from '@grad/nn';
import {
  iterativeMagnitudePruning,
  magnitudePrune,
  removeDeadUnits,
  trainMask,
} from '@grad/vision';
import { describe, expect, test } from 'vitest';

test('the mask of an orthogonal design has its closed form', async () => {
  const c = tensor([0.9, 0.2, -0.5, 0.05]);
  const w = tensor([1, 0.5, -1, 2]);
  // |X v - y|² / 2n, without what does not depend on v.
  const loss = (v: Tensor): Tensor => v.square().sum().div(2).sub(v.mul(c).sum());
  const found = await trainMask(loss, w, { l1: 0.1, tolerance: 1e-12 });
  expect(found.status).toBe('converged');
  [0.8, 0, 0.4, 0].forEach((m, i) => {
    expect(found.mask.at(i).item()).toBeCloseTo(m, 10);
  });
  expect(found.sparsity).toBe(0.5);
  expect(found.weights.at(2).item()).toBeCloseTo(-0.4, 10);
  expect(found.objective).toBeCloseTo(loss(found.weights).item() + 0.12, 10);
  expect(found.history.at(-1)?.loss).toBeCloseTo(loss(found.weights).item(), 12);
});

test('a mask of a tree of float32 weights, interrupted or not', async () => {
  const weights = {
    a: tensor([1, 2], { dtype: 'float32' }),
    b: [tensor([[3]], { dtype: 'float32' })],
  };
  const loss = (w: typeof weights): Tensor =>
    w.a
      .sub(tensor([1, 0]))
      .square()
      .sum()
      .add(w.b[0]?.sum() ?? 0);
  const found = await trainMask((w) => loss({ a: w.a, b: [...w.b] }), weights, { l1: 0.01 });
  expect(found.mask.a.dtype).toBe('float64');
  expect(found.weights.a.dtype).toBe('float32');
  expect(found.mask.a.at(0).item()).toBeCloseTo(0.995, 6);
  expect(found.mask.a.at(1).item()).toBe(0);
  expect(found.mask.b[0]?.item()).toBe(0);
  const stop = new AbortController();
  const stopped = await trainMask((w) => loss({ a: w.a, b: [...w.b] }), weights, {
    l1: 0.01,
    tolerance: 0,
    signal: stop.signal,
    onIteration: ({ iteration }) => iteration === 3 && stop.abort(),
  });
  expect([stopped.status, stopped.history.length]).toEqual(['aborted', 3]);
  await expect(trainMask(loss, weights, { l1: -1 })).rejects.toThrow(/l1 is -1/);
});

describe('a smaller network', () => {
  const model = mlp([5, 6, 4, 2], {
    dtype: 'float64',
    activation: softplus,
    biasInit: random.normal,
  });
  const given = model.init(random.key(1));
  const zero = (w: Tensor, axis: 0 | 1, units: number[]): Tensor => {
    const keep = Array.from({ length: w.shape[axis] ?? 0 }, (_, i) => (units.includes(i) ? 0 : 1));
    return w.mul(axis === 0 ? tensor(keep).expandDims(1) : tensor(keep));
  };
  const layer = (name: string) => {
    const found = given[name];
    if (!found) throw new Error(name);
    return found;
  };
  const x = random.normal(random.key(2), [7, 5]);

  test('is the same function', () => {
    const params = {
      // Nothing comes into 1 and 4, nothing goes out of 2 but into a unit that is not used.
      dense1: { ...layer('dense1'), weight: zero(layer('dense1').weight, 1, [1, 4]) },
      dense2: {
        ...layer('dense2'),
        weight: zero(
          layer('dense2').weight.mul(
            tensor([[1], [1], [0], [1], [1], [1]]).add(
              tensor([[0], [0], [1], [0], [0], [0]]).mul(tensor([0, 0, 0, 1])),
            ),
          ),
          1,
          [],
        ),
      },
      dense3: { ...layer('dense3'), weight: zero(layer('dense3').weight, 0, [3]) },
    };
    const { model: small, params: kept, units } = removeDeadUnits(model, params);
    expect(units).toEqual({ dense1: 3, dense2: 3, dense3: 2 });
    const difference = small.apply(kept, x).sub(model.apply(params, x));
    expect(difference.abs().max().item()).toBeLessThan(1e-14);
    expect(kept['dense1']?.weight.shape).toEqual([5, 3]);
  });

  test('keeps one unit where all are dead, and needs no biases', () => {
    const bare = sequential({
      flat: flatten(),
      a: dense(4, 3, { bias: false, dtype: 'float64' }),
      act: activation(tanh),
      b: dense(3, 2, { dtype: 'float64' }),
    });
    const params = {
      a: { weight: random.normal(random.key(1), [4, 3]).mul(0) },
      b: { weight: random.normal(random.key(1), [3, 2]), bias: tensor([1, 2]) },
    };
    const { model: small, params: kept, units } = removeDeadUnits(bare, params);
    expect(units).toEqual({ a: 1, b: 2 });
    expect(small.apply(kept, random.normal(random.key(3), [2, 2, 2])).toArray()).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test('says what it cannot do', () => {
    const images = sequential({ conv: conv2d(1, 1, 3) });
    expect(() => removeDeadUnits(images, {})).toThrow(/layer 'conv' is conv2d/);
    expect(() => removeDeadUnits(model, {})).toThrow(/no weight of layer 'dense1'/);
  });
});

test('magnitudes are pruned in all tensors together, or in each', () => {
  const weights = {
    a: tensor([0.1, -5, 3, -0.2]),
    b: tensor([
      [10, 20],
      [30, 40],
    ]),
  };
  const all = magnitudePrune(weights, { rate: 0.5 });
  expect([all.a.toArray(), all.b.toArray()]).toEqual([
    [0, 0, 0, 0],
    [
      [1, 1],
      [1, 1],
    ],
  ]);
  const each = magnitudePrune(weights, { rate: 0.5, scope: 'layer' });
  expect([each.a.toArray(), each.b.toArray()]).toEqual([
    [0, 1, 1, 0],
    [
      [0, 0],
      [1, 1],
    ],
  ]);
  const more = magnitudePrune(weights, { rate: 0.5, scope: 'layer', mask: each });
  expect([more.a.toArray(), more.b.toArray()]).toEqual([
    [0, 1, 0, 0],
    [
      [0, 0],
      [0, 1],
    ],
  ]);
  expect(() => magnitudePrune(weights, { rate: 1.5 })).toThrow(/rate is 1.5/);
});

test('magnitudes are pruned inside of compiled functions, batches and derivatives', () => {
  const w = random.normal(random.key(4), [3, 8]);
  const pruned = (row: Tensor): Tensor => row.mul(magnitudePrune({ row }, { rate: 0.5 }).row);
  const each = stack([0, 1, 2].map((i) => pruned(w.at(i))));
  expect(vmap(pruned)(w).toArray()).toEqual(each.toArray());
  expect(jit(vmap(pruned))(w).toArray()).toEqual(each.toArray());
  const slope = grad((row: Tensor) => pruned(row).square().sum())(w.at(0));
  expect(slope.sub(each.at(0).mul(2)).abs().max().item()).toBe(0);
});

test('each round of a ticket begins with the first weights', async () => {
  const weights = { a: tensor([1, 2, 3, 4]) };
  const seen: unknown[] = [];
  const step = jit((w: Tensor) => w.mul(tensor([10, 1, 1, 1])));
  const rounds = await iterativeMagnitudePruning(weights, {
    rounds: 2,
    rate: 0.25,
    train: ({ a }, mask, round) => {
      seen.push([round, a.toArray(), mask.a.toArray()]);
      return { a: step(a) };
    },
    weightsOf: (trained) => trained,
  });
  expect(seen).toEqual([
    [0, [1, 2, 3, 4], [1, 1, 1, 1]],
    [1, [1, 0, 3, 4], [1, 0, 1, 1]],
    [2, [1, 0, 0, 4], [1, 0, 0, 1]],
  ]);
  expect(rounds.map(({ density }) => density)).toEqual([1, 0.75, 0.5]);
  const stop = new AbortController();
  const cut = await iterativeMagnitudePruning(weights, {
    rounds: 9,
    train: (w) => tree.map(relu, w),
    weightsOf: (w) => ({ a: w.a }),
    onRound: ({ round }) => {
      if (round === 1) stop.abort();
    },
    signal: stop.signal,
  });
  expect(cut.length).toBe(2);
  await expect(
    iterativeMagnitudePruning(weights, { rounds: -1, train: (w) => w, weightsOf: (w) => w }),
  ).rejects.toThrow(/rounds is -1/);
});
