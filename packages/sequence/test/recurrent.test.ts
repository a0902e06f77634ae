import { existsSync, readFileSync } from 'node:fs';
import {
  grad,
  hvp,
  jit,
  jvp,
  random,
  stopGradient,
  type Tensor,
  tensor,
  vmap,
  where,
} from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, it } from 'vitest';
import {
  gradientNorms,
  gru,
  lstm,
  oneHotDna,
  type RecurrentParams,
  type RunOptions,
  rnn,
} from '../src/index.ts';

const file = `${process.env['GRAD_DATA'] ?? ''}/reference/recurrent_uci0.json`;
const layers = { rnn, gru, lstm };
const kinds = ['rnn', 'gru', 'lstm'] as const;

function fill(shape: readonly number[], k: number): Tensor {
  const [rows = 1, columns = 1] = shape;
  return shape.length === 1
    ? tensor(Array.from({ length: rows }, (_, i) => 0.3 * Math.sin(1 + 0.7 * i + 2.1 * k)))
    : tensor(
        Array.from({ length: rows }, (_, i) =>
          Array.from(
            { length: columns },
            (_, j) => 0.3 * Math.sin(1 + 0.7 * i + 1.3 * j + 2.1 * k),
          ),
        ),
      );
}

const close = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();
const draw = (shape: readonly number[], seed: number) => random.normal(random.key(seed), shape);

describe.each(kinds)('%s', (kind) => {
  const layer = layers[kind](3, 4, { dtype: 'float64' });
  const params = layer.init(random.key(1));
  const x = draw([6, 2, 3], 2);

  it.skipIf(!existsSync(file))('gives published losses, gradients and norms through time', () => {
    const all = JSON.parse(readFileSync(file, 'utf8'));
    const want = all[kind];
    const gates = { rnn: 1, gru: 3, lstm: 4 }[kind];
    const big = layers[kind](4, 5, { dtype: 'float64' });
    const p = {
      inputWeight: fill([4, 5 * gates], 0),
      hiddenWeight: fill([5, 5 * gates], 1),
      bias: fill([5 * gates], 2),
      ...(kind === 'gru' ? { hiddenBias: fill([5 * gates], 5) } : {}),
    };
    const head = { Wo: fill([5, 3], 3), bo: fill([3], 4) };
    const dna = oneHotDna(all.sequence, { dtype: 'float64' });
    const cost = (final: Tensor, h: typeof head) => {
      const logits = final.matmul(h.Wo).add(h.bo);
      return logits.exp().sum().log().sub(logits.at(0));
    };
    const loss = (both: { p: RecurrentParams; head: typeof head }) =>
      cost(big.apply(both.p, dna).final, both.head);
    expect(loss({ p, head }).item()).toBeCloseTo(want.loss, 14);
    const g = jit(grad(loss))({ p, head });
    const pairs: [Tensor | undefined, string][] = [
      [g.p.inputWeight, 'Wx'],
      [g.p.hiddenWeight, 'Wh'],
      [g.p.bias, 'b'],
      [g.head.Wo, 'Wo'],
      [g.head.bo, 'bo'],
      ...(kind === 'gru' ? ([[g.p.hiddenBias, 'bh']] as [Tensor | undefined, string][]) : []),
    ];
    for (const [got, name] of pairs) {
      expect(got && close(got, tensor(want.grads[name])), name).toBeLessThan(1e-13);
    }
    const { norms } = gradientNorms(big, p, dna, ({ final }) => cost(final, head));
    expect(close(norms, tensor(want.dL_dh_norm_t))).toBeLessThan(1e-13);
  });

  it('has right derivatives', () => {
    checkGrads(
      (w: Tensor, u: Tensor) => {
        const { outputs } = layer.apply({ ...params, hiddenWeight: w }, u);
        return outputs.mul(outputs).sum();
      },
      [params.hiddenWeight, x],
    );
  });

  it('runs batches under vmap as one by one, masks as shorter sequences', () => {
    const whole = layer.apply(params, x).final;
    const mapped = vmap((u: Tensor) => layer.apply(params, u).final, { inAxes: 1 })(x);
    expect(close(whole, mapped)).toBeLessThan(1e-14);
    const mask = tensor([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    const held = layer.apply(params, x, { mask }).final;
    expect(close(held.at(0), whole.at(0))).toBe(0);
    const short = layer.apply(params, x.at([0, 3])).final;
    expect(close(held.at(1), short.at(1))).toBe(0);
  });

  it('has the same gradients compiled, in batches, and right second derivatives', () => {
    const loss = (w: Tensor, u: Tensor): Tensor => {
      const { outputs } = layer.apply({ ...params, hiddenWeight: w }, u);
      return outputs.mul(outputs).sum();
    };
    const w = params.hiddenWeight;
    checkGrads((v: Tensor) => loss(v, x), [w], { order: 2 });
    const plain = grad(loss)(w, x);
    expect(plain.abs().max().item()).toBeGreaterThan(1e-3);
    expect(close(jit(grad(loss))(w, x), plain)).toBeLessThan(1e-14);

    // Gradients of each sequence by itself sum to that of all.
    const each = vmap(grad(loss), { inAxes: [null, 1] })(w, x);
    expect(each.shape).toEqual([2, ...w.shape]);
    expect(close(each.sum({ axis: 0 }), plain)).toBeLessThan(1e-14);
    expect(close(each.at(1), grad(loss)(w, x.at(null, 1)))).toBeLessThan(1e-14);

    const v = draw(w.shape, 3);
    const product = hvp((u: Tensor) => loss(u, x), w, v);
    const forward = jvp(
      grad((u: Tensor) => loss(u, x)),
      [w],
      [v],
    )[1];
    const h = 1e-5;
    const difference = grad(loss)(w.add(v.mul(h)), x)
      .sub(grad(loss)(w.sub(v.mul(h)), x))
      .div(2 * h);
    expect(close(product, difference)).toBeLessThan(1e-7);
    expect(close(product, forward)).toBeLessThan(1e-13);
    expect(close(jit(() => hvp((u: Tensor) => loss(u, x), w, v))(), product)).toBeLessThan(1e-13);
  });

  it('gives sequences of any lengths what each has alone, whatever the padding holds', () => {
    const lengths = [6, 1, 4];
    const data = draw([6, 3, 3], 4);
    const mask = tensor(Array.from({ length: 6 }, (_, t) => lengths.map((n) => (t < n ? 1 : 0))));
    const padded = where(mask.gt(0).expandDims(-1), data, Number.NaN);
    type Loss = (p: RecurrentParams, u: Tensor) => Tensor;
    for (const reverse of [false, true]) {
      const together: Loss = (p, u) => {
        const { outputs, final } = layer.apply(p, u, { mask, reverse });
        const seen = where(mask.gt(0).expandDims(-1), outputs, 0);
        return final.square().sum().add(seen.mul(seen).sum());
      };
      const alone: Loss = (p, u) => {
        const { outputs, final } = layer.apply(p, u, { reverse });
        return final.square().sum().add(outputs.mul(outputs).sum());
      };
      const parts = lengths.map((n, i) => data.at([0, n], i));
      const total = parts.reduce((sum, u) => sum + alone(params, u).item(), 0);
      expect(together(params, padded).item()).toBeCloseTo(total, 13);
      expect(total).toBeGreaterThan(0.01);
      const [inParams, inX] = jit(grad(together, { argnums: [0, 1] }))(params, padded);
      const each = parts.map((u) => grad(alone, { argnums: [0, 1] })(params, u));
      for (const name of ['inputWeight', 'hiddenWeight', 'bias'] as const) {
        const sum = each.map(([p]) => p[name]).reduce((a, b) => a.add(b));
        expect(close(inParams[name], sum), name).toBeLessThan(1e-13);
      }
      for (const [i, [, u]] of each.entries()) {
        const n = lengths[i] ?? 0;
        expect(close(inX.at([0, n], i), u)).toBeLessThan(1e-13);
        if (n < 6) expect(inX.at([n, 6], i).abs().max().item()).toBe(0);
      }
      const asBool = layer.apply(params, padded, { mask: mask.gt(0), reverse });
      expect(close(asBool.final, layer.apply(params, padded, { mask, reverse }).final)).toBe(0);
    }
  });

  it('cuts exactly where a next run goes on from a stopped state', () => {
    const loss = (result: Tensor): Tensor => result.mul(result).sum();
    const cut = (p: RecurrentParams, u: Tensor): Tensor =>
      loss(layer.apply(p, u, { truncate: 4 }).outputs);
    const windows = (p: RecurrentParams, u: Tensor): Tensor => {
      const first = layer.apply(p, u.at([0, 4]));
      const { h, c } = first.state;
      const next = layer.apply(p, u.at([4, 6]), {
        initial: { h: stopGradient(h), c: stopGradient(c) },
      });
      return loss(first.outputs).add(loss(next.outputs));
    };
    expect(close(cut(params, x), windows(params, x))).toBeLessThan(1e-14);
    const [inCut, xCut] = grad(cut, { argnums: [0, 1] })(params, x);
    const [inWindows, xWindows] = grad(windows, { argnums: [0, 1] })(params, x);
    expect(close(xCut, xWindows)).toBe(0);
    for (const name of ['inputWeight', 'hiddenWeight', 'bias'] as const) {
      expect(close(inCut[name], inWindows[name]), name).toBeLessThan(1e-14);
    }
    const whole = grad((p: RecurrentParams) => loss(layer.apply(p, x).outputs))(params);
    expect(close(inCut.hiddenWeight, whole.hiddenWeight)).toBeGreaterThan(1e-4);

    // Backwards, steps are counted from the end.
    const back = grad((u: Tensor) =>
      layer.apply(params, u, { truncate: 4, reverse: true }).final.sum(),
    )(x);
    expect(back.at([2, 6]).abs().max().item()).toBe(0);
    expect(back.at([0, 2]).abs().min().item()).toBeGreaterThan(0);
  });

  it('gives the same gradient whatever it keeps of the loop', () => {
    const of = (options: RunOptions) =>
      grad((u: Tensor) => layer.apply(params, u, options).final.sum())(x);
    for (const checkpoint of ['recompute', 'online', 2] as const) {
      expect(close(of({ checkpoint }), of({}))).toBe(0);
    }
  });

  it('cuts gradients where truncated, and changes no value', () => {
    const run = (truncate?: number) => (u: Tensor) =>
      layer.apply(params, u, truncate === undefined ? {} : { truncate }).final.sum();
    expect(run(4)(x).item()).toBe(run()(x).item());
    const cut = grad(run(4))(x);
    expect(cut.at([0, 4]).abs().max().item()).toBe(0);
    expect(close(cut.at([4, 6]), grad(run())(x).at([4, 6]))).toBeLessThan(1e-15);
    expect(grad(run())(x).at([0, 4]).abs().max().item()).toBeGreaterThan(0);
    expect(close(grad(run(6))(x), grad(run())(x))).toBe(0);
  });

  it('says which shape is wrong', () => {
    expect(() => layer.apply(params, draw([6, 2], 1))).toThrow('it must be [steps, ...batch, 3]');
    expect(() => layer.apply(params, x, { mask: tensor([1]) })).toThrow('mask has shape [1]');
    expect(() => layer.apply(params, x, { truncate: 0 })).toThrow('truncate is 0');
    const initial = { h: draw([3, 4], 1), c: draw([2, 4], 1) };
    expect(() => layer.apply(params, x, { initial })).toThrow('initial.h has shape [3, 4]');
    expect(() => layers[kind](0, 1)).toThrow('the number of inputs is 0');
  });
});
