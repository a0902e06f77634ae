import { existsSync, readFileSync } from 'node:fs';
import { grad, jit, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, it } from 'vitest';
import { gradientNorms, gru, lstm, oneHotDna, type RecurrentParams, rnn } from '../src/index.ts';

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
    expect(() => layers[kind](0, 1)).toThrow('the number of inputs is 0');
  });
});
