import { grad, jit, scan, sin, type Tensor, tensor, tree, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';
import {
  accumulate,
  adam,
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  clip,
  clipByGlobalNorm,
  cosineDecay,
  freeze,
  type GradientTransformation,
  masked,
  rmsprop,
  scale,
  scaleBySchedule,
  sgd,
} from '../src/index.ts';
import { torch } from './torch-trajectories.ts';

interface Params {
  readonly w: Tensor;
  readonly b: Tensor;
}

const loss = ({ w, b }: Params): Tensor => {
  const residual = w.matmul(b).sub(1);
  return sin(w.matmul(w)).sum().add(residual.square().sum().mul(3)).add(b.square().square().sum());
};
const start: Params = {
  w: tensor([
    [0.5, -1],
    [2, 0.3],
  ]),
  b: tensor([0.1, -0.4]),
};

function run<S>(opt: GradientTransformation<S>, steps = 12, from = start): Params {
  let params = from;
  let state = opt.init(params);
  for (let i = 0; i < steps; i++) {
    const [updates, next] = opt.update(grad(loss)(params), state, params);
    params = applyUpdates(params, updates);
    state = next;
  }
  return params;
}

const flat = ({ w, b }: Params): number[] => [...b.dataSync(), ...w.dataSync()];
const expectEqual = (given: readonly number[], wanted: readonly number[]): void => {
  expect(given.length).toBe(wanted.length);
  given.forEach((value, i) => {
    expect(Math.abs(value - (wanted[i] ?? Number.NaN))).toBeLessThan(1e-13);
  });
};

describe('optimizers go the way of PyTorch', () => {
  const one = <S>(name: keyof typeof torch, opt: GradientTransformation<S>): void => {
    test(name, () => {
      expectEqual(flat(run(opt)), torch[name]);
      const [leaves, structure] = tree.flatten([start, opt.init(start)]);
      const twelve = jit((init: readonly Tensor[]): Params => {
        const [end] = scan(
          (list: readonly Tensor[]) => {
            const [params, state] = tree.unflatten<[Params, S]>(structure, list);
            const [updates, next] = opt.update(grad(loss)(params), state, params);
            return [tree.leaves([applyUpdates(params, updates), next]), null];
          },
          init,
          null,
          { length: 12 },
        );
        return tree.unflatten<[Params, S]>(structure, end)[0];
      });
      expectEqual(flat(twelve(leaves)), torch[name]);
    });
  };
  one('sgd', sgd({ learningRate: 0.01 }));
  one('sgdMomentum', sgd({ learningRate: 0.01, momentum: 0.9 }));
  one('sgdNesterov', sgd({ learningRate: 0.01, momentum: 0.9, nesterov: true }));
  one('sgdL2', chain(addDecayedWeights(0.1), sgd({ learningRate: 0.01, momentum: 0.5 })));
  one('adam', adam({ learningRate: 0.05 }));
  one('adamOther', adam({ learningRate: 0.02, beta1: 0.8, beta2: 0.95, eps: 1e-3 }));
  one('adamw', adamw({ learningRate: 0.05, weightDecay: 0.1 }));
  one('rmsprop', rmsprop({ learningRate: 0.01 }));
  one(
    'rmspropAll',
    rmsprop({ learningRate: 0.01, decay: 0.9, eps: 1e-4, centered: true, momentum: 0.7 }),
  );
});

describe('gradient transformations', () => {
  const g = { w: tensor([3, 0]), b: tensor([-4]) };

  test('clipByGlobalNorm scales all gradients together, and leaves short ones alone', () => {
    const [clipped] = clipByGlobalNorm(1).update(g, null);
    expectEqual([...clipped.w.dataSync(), ...clipped.b.dataSync()], [0.6, 0, -0.8]);
    const [same] = clipByGlobalNorm(5).update(g, null);
    expect([same.w.toArray(), same.b.toArray()]).toEqual([[3, 0], [-4]]);
    const [zero] = clipByGlobalNorm(1).update({ w: tensor([0, 0]) }, null);
    expect(zero.w.toArray()).toEqual([0, 0]);
  });

  test('clip holds each element, scale multiplies', () => {
    const [held] = clip(2).update(g, null);
    expect([held.w.toArray(), held.b.toArray()]).toEqual([[2, 0], [-2]]);
    const [scaled] = scale(tensor(-2)).update(g, null);
    expectEqual([...scaled.w.dataSync(), ...scaled.b.dataSync()], [-6, 0, 8]);
  });

  test('scaleBySchedule counts its updates', () => {
    const opt = scaleBySchedule((count) => count.add(1));
    let state = opt.init(g);
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      const [updates, next] = opt.update(g, state);
      seen.push(updates.b.at(0).item());
      state = next;
    }
    expect(seen).toEqual([-4, -8, -12]);
  });

  test('masked transforms what the mask names, freeze zeroes it', () => {
    const params = {
      layers: [
        { w: tensor([1]), b: tensor([1]) },
        { w: tensor([1]), b: tensor([1]) },
      ],
    };
    const mask = { layers: [true, { w: false, b: true }] };
    const opt = masked(sgd({ learningRate: 1, momentum: 0.5 }), mask);
    const state = opt.init(params);
    expect(state.velocity.length).toBe(3);
    const [updates] = opt.update(params, state, params);
    expect(updates.layers.map(({ w, b }) => [w.at(0).item(), b.at(0).item()])).toEqual([
      [-1, -1],
      [1, -1],
    ]);
    const [frozen] = freeze(mask).update(params, null);
    expect(frozen.layers.map(({ w, b }) => [w.at(0).item(), b.at(0).item()])).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  test('adamw decays only what its mask names', () => {
    const params = { w: tensor([2]), b: tensor([2]) };
    const zero = { w: tensor([0]), b: tensor([0]) };
    const opt = adamw({ learningRate: 0.5, weightDecay: 0.1, mask: { w: true, b: false } });
    const [updates] = opt.update(zero, opt.init(params), params);
    expectEqual([updates.w.item(), updates.b.item()], [-0.1, 0]);
  });

  test('accumulate updates once in three gradients, from their mean, also compiled', () => {
    const opt = accumulate(adam({ learningRate: 0.1 }), 3);
    const step = jit((grads: Tensor, state: ReturnType<typeof opt.init>) =>
      opt.update(grads, state),
    );
    const plain = adam({ learningRate: 0.1 });
    let state = opt.init(tensor([0, 0]));
    const seen: number[][] = [];
    for (const grads of [
      [1, 2],
      [3, -8],
      [2, 0],
      [1, 1],
      [0, 0],
      [5, 5],
    ]) {
      const [updates, next] = step(tensor(grads), state);
      seen.push(Array.from(updates.dataSync()));
      state = next;
    }
    const [first, then] = plain.update(tensor([2, -2]), plain.init(tensor([0, 0])));
    const [second] = plain.update(tensor([2, 2]), then);
    expect(seen.filter((_, i) => i % 3 < 2)).toEqual(new Array(4).fill([0, 0]));
    expectEqual(seen[2] ?? [], Array.from(first.dataSync()));
    expectEqual(seen[5] ?? [], Array.from(second.dataSync()));
  });

  test('a tree of rates gives each parameter its own, and a schedule is asked for each update', () => {
    const [own] = sgd({ learningRate: { w: 0.5, b: tensor([2]) } }).update(
      g,
      sgd({ learningRate: 1 }).init(g),
    );
    expectEqual([...own.w.dataSync(), ...own.b.dataSync()], [-1.5, 0, 8]);
    const rates = cosineDecay({ init: 0.1, end: 0.01, steps: 10 });
    const opt = sgd({ learningRate: rates });
    let state = opt.init(0);
    const seen: number[] = [];
    for (let i = 0; i < 11; i++) {
      const [update, next] = opt.update(1, state);
      seen.push(-update.item());
      state = next;
    }
    expectEqual(seen, torch.cosine);
  });

  test('float32 stays float32, whatever the rate is', () => {
    const params = tensor([1, 2], { dtype: 'float32' });
    const check = <S>(opt: GradientTransformation<S>): void => {
      const [updates] = opt.update(params, opt.init(params), params);
      expect(updates.dtype).toBe('float32');
      expect(applyUpdates(params, updates).dtype).toBe('float32');
    };
    const rate = cosineDecay({ init: 1, steps: 3 });
    check(chain(clipByGlobalNorm(1), adamw({ learningRate: rate })));
    check(chain(clip(1), rmsprop({ learningRate: tensor(0.1), momentum: 0.5 })));
    check(accumulate(sgd({ learningRate: rate, momentum: 0.5 }), 2));
  });

  test('updates can be differentiated in the start and in rates for each parameter, also mapped and compiled', () => {
    const after = (w: Tensor, b: Tensor, rate: Tensor, rateOfB: Tensor): Tensor => {
      const opt = sgd({ learningRate: { w: rate, b: rateOfB }, momentum: 0.5 });
      return loss(run(opt, 2, { w, b }));
    };
    const args = [start.w, start.b, tensor(0.01), tensor(0.02)] as const;
    checkGrads(after, [...args]);
    checkGrads(jit(after), [...args], { order: 1 });
    const withAdam = (w: Tensor, rate: Tensor): Tensor =>
      loss(run(adam({ learningRate: rate }), 2, { w, b: start.b }));
    checkGrads(withAdam, [start.w, tensor(0.05)], { eps: 2 ** -14 });
    const rates = tensor([0.01, 0.02, 0.05]);
    const slopes = vmap(grad(withAdam, { argnums: 1 }), { inAxes: [null, 0] })(start.w, rates);
    slopes.dataSync().forEach((slope, i) => {
      expect(slope).toBeCloseTo(grad(withAdam, { argnums: 1 })(start.w, rates.at(i)).item(), 12);
    });
  });

  test('what does not fit together is refused with its name', () => {
    const opt = adam({ learningRate: 0.1 });
    const state = opt.init(g);
    expect(() => opt.update({ w: tensor([1, 2]) }, state)).toThrow(
      /adam: the gradients have 1 leaves and the state 2/,
    );
    expect(() => opt.update({ w: tensor([1]), b: tensor([1]) }, state)).toThrow(
      /leaf 1 of the gradients has shape \[1\], of the state \[2\]/,
    );
    expect(() => addDecayedWeights(0.1).update(g, null)).toThrow(
      /addDecayedWeights: the update needs the parameters/,
    );
    expect(() =>
      sgd({ learningRate: { w: 1 } }).update(g, sgd({ learningRate: 1 }).init(g)),
    ).toThrow(/learningRate has 1 leaves and the gradients 2/);
    expect(() => masked(opt, { w: true }).init(g)).toThrow(/the mask has nothing at b/);
    expect(() => masked(opt, { w: true, b: true, c: true }).init(g)).toThrow(/the mask has 'c'/);
    const many = chain<null[]>(...[clip(1), clip(2)]);
    expect(() => many.update(g, [null])).toThrow(/chain: the state belongs to 1 transformations/);
    expect(() => applyUpdates(g, { w: 1 })).toThrow(/different structures/);
  });

  test('options that make no sense are refused', () => {
    expect(() => sgd({ learningRate: Number.NaN })).toThrow(/learningRate is NaN/);
    expect(() => sgd({ learningRate: 1, momentum: 1 })).toThrow(/momentum is 1/);
    expect(() => sgd({ learningRate: 1, nesterov: true })).toThrow(/nesterov needs/);
    expect(() => adam({ learningRate: 1, beta2: -1 })).toThrow(/beta2 is -1/);
    expect(() => adamw({ learningRate: 1, weightDecay: -1 })).toThrow(/weightDecay is -1/);
    expect(() => rmsprop({ learningRate: 1, eps: -1 })).toThrow(/eps is -1/);
    expect(() => clip(0)).toThrow(/clip: the limit is 0/);
    expect(() => clipByGlobalNorm(-1)).toThrow(/the limit is -1/);
    expect(() => accumulate(clip(1), 0)).toThrow(/accumulate: steps is 0/);
    expect(() => cosineDecay({ init: 1, steps: 0 })).toThrow(/cosineDecay: steps is 0/);
  });
});
