import {
  type CheckpointPolicy,
  checkpoint,
  checkpointName,
  exp,
  grad,
  jit,
  jvp,
  matmul,
  program,
  scan,
  sin,
  sum,
  type Tensor,
  tanh,
  tensor,
  vmap,
  whileLoop,
} from '@grad/core';
import { gradMatchers } from '@grad/core/testing';
import type {} from '@grad/core/testing/vitest';
import { describe, expect, test } from 'vitest';
import { simplify } from '../../src/compiler/simplify.ts';
import { formatProgram } from '../../src/program/print.ts';

expect.extend(gradMatchers);

type Policy = 'store' | 'recompute';

const chain = (x: Tensor): Tensor => exp(sin(tanh(x).mul(x)).mul(x));
const loop =
  (policy: Policy) =>
  (x: Tensor): Tensor =>
    scan((c) => [chain(c).mul(0.5), c.at(0)], x, null, {
      length: 6,
      checkpoint: policy,
    }).reduce<Tensor>((total, t) => total.add(t.square().sum()), tensor(0));
const free =
  (policy: Policy) =>
  (x: Tensor): Tensor =>
    whileLoop(
      (c) => c.sum().lt(9),
      (c) => c.mul(chain(c).mul(0.1).add(1.2)),
      x,
      { checkpoint: policy },
    ).sum();
const x = tensor([0.3, -0.7, 1.1]);

describe('checkpoint', () => {
  test('changes neither values nor derivatives, of any order, in any mode', () => {
    const direct = (t: Tensor): Tensor => chain(chain(t)).sum();
    const again = (t: Tensor): Tensor =>
      checkpoint((s: Tensor) => chain(checkpoint(chain)(s)))(t).sum();
    expect(again(x).item()).toBe(direct(x).item());
    expect(grad(again)(x).toArray()).toEqual(grad(direct)(x).toArray());
    expect(jit(grad(again))(x).toArray()).toEqual(jit(grad(direct))(x).toArray());
    expect(jvp(again, [x], [x])[1].item()).toBe(jvp(direct, [x], [x])[1].item());
    const second = (f: (t: Tensor) => Tensor) => grad((t: Tensor) => sum(grad(f)(t).mul(x)))(x);
    second(again)
      .dataSync()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(second(direct).at(i).item(), 12);
      });
    expect(vmap(grad(again))(x.reshape([1, 3])).toArray()).toEqual([grad(direct)(x).toArray()]);
  });

  test('keeps the arguments alone', () => {
    const residuals = (f: (t: Tensor) => Tensor): number =>
      String(program(grad(f))(x)).match(/f64\[6,3\]/g)?.length ?? 0;
    expect(residuals(loop('store'))).toBeGreaterThan(1);
    expect(residuals(loop('recompute'))).toBe(1);
  });

  describe('with a policy', () => {
    const weights = tensor([
      [0.3, -0.8],
      [0.9, 0.4],
    ]);
    const layer = (c: Tensor, w: Tensor): Tensor => {
      const h = checkpointName(tanh(matmul(w, c)), 'hidden');
      return sin(matmul(w, h)).mul(h);
    };
    const chained =
      (policy?: CheckpointPolicy) =>
      (c: Tensor, w: Tensor): Tensor => {
        const step = policy ? checkpoint(layer, { policy }) : layer;
        return scan((at: Tensor) => [step(at, w), null], c, null, { length: 5 })[0].sum();
      };
    const start = tensor([0.5, 0.7]);
    const policies: readonly CheckpointPolicy[] = [
      'nothing',
      'dots',
      { names: ['hidden'] },
      { names: ['hidden', 'other'] },
      { names: [] },
    ];

    test('gives the same derivatives of any order, in any mode', () => {
      const bits = (f: (c: Tensor, w: Tensor) => Tensor): unknown =>
        jit(grad(f, { argnums: [0, 1] }))(start, weights).map((g) => g.toArray());
      const alongs = (f: (c: Tensor, w: Tensor) => Tensor): Tensor[] => {
        const slope = (w: Tensor): Tensor => grad(f, { argnums: 1 })(start, w);
        return [
          jvp((w: Tensor) => f(start, w), [weights], [weights.add(1)])[1],
          jvp(slope, [weights], [weights.add(1)])[1],
          grad((w: Tensor) => slope(w).mul(weights).sum())(weights),
          vmap((c: Tensor) => grad(f, { argnums: 1 })(c, weights))(start.reshape([1, 2])),
        ];
      };
      for (const policy of policies) {
        expect(bits(chained(policy)), JSON.stringify(policy)).toEqual(bits(chained()));
        alongs(chained(policy)).forEach((value, i) => {
          expect(value).toBeAllclose(alongs(chained())[i] ?? 0, { rtol: 1e-11, atol: 1e-14 });
        });
      }
    });

    /** What the derivative collects of the steps, and how often products and tanh are in it. */
    const kept = (policy: CheckpointPolicy): number[] => {
      const slope = (c: Tensor): Tensor => grad(chained(policy), { argnums: 1 })(c, weights);
      const text = formatProgram(simplify(program(slope)(start)));
      const patterns = [/: f64\[5,[^\]]*\](?=.*= scan)/g, /= dot /g, /= tanh /g];
      return patterns.map((pattern) => text.match(pattern)?.length ?? 0);
    };

    test('keeps products or named values, and does not compute these again', () => {
      // Two products forwards and four in the pull-back; besides, what is computed again.
      expect(kept('nothing')).toEqual([1, 8, 2]);
      expect(kept('dots')).toEqual([3, 6, 2]);
      expect(kept({ names: ['hidden'] })).toEqual([2, 7, 1]);
    });

    test('computes again what follows from kept values, outside of loops as well', () => {
      const once = (c: Tensor): Tensor => checkpoint(layer, { policy: 'dots' })(c, weights).sum();
      const text = formatProgram(simplify(program(grad(once))(start)));
      expect(text.match(/= tanh /g)).toHaveLength(2);
      expect(text.match(/= dot /g)).toHaveLength(4);
    });

    test('refuses a policy that it does not know, and says which there are', () => {
      const policy: unknown = 'everything';
      const unchecked: (f: typeof layer, options: object) => unknown = checkpoint;
      expect(() => unchecked(layer, { policy })).toThrow(
        `checkpoint: the policy is "everything"; it must be 'nothing', 'dots', or { names: [...] }`,
      );
    });
  });

  test('gives loops the same gradients, bit for bit', () => {
    for (const f of [loop, free]) {
      const stored = jit(grad(f('store')))(x).toArray();
      expect(jit(grad(f('recompute')))(x).toArray()).toEqual(stored);
      expect(vmap(grad(f('recompute')))(x.reshape([1, 3])).toArray()).toEqual([stored]);
    }
  });
});
