import { concatenate, grad, jit, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, it } from 'vitest';
import { bidirectional, bptt, gradientNorms, gru, lstm, rnn } from '../src/index.ts';

const close = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item();
const draw = (shape: readonly number[], seed: number) => random.normal(random.key(seed), shape);
const one = { dtype: 'float64' } as const;

describe('bidirectional', () => {
  const forward = gru(3, 4, one);
  const backward = gru(3, 2, one);
  const layer = bidirectional(forward, backward);
  const params = layer.init(random.key(1));
  const x = draw([5, 2, 3], 2);

  it('puts what both layers see side by side', () => {
    const { outputs, final, state } = layer.apply(params, x);
    const there = forward.apply(params.forward, x);
    const turned = concatenate([4, 3, 2, 1, 0].map((t) => x.at([t, t + 1])));
    const back = backward.apply(params.backward, turned);
    expect(layer.hidden).toBe(6);
    expect(outputs.shape).toEqual([5, 2, 6]);
    expect(close(outputs.at(null, null, [0, 4]), there.outputs)).toBe(0);
    for (let t = 0; t < 5; t++) {
      expect(close(outputs.at(t, null, [4, 6]), back.outputs.at(4 - t))).toBe(0);
    }
    expect(close(final, concatenate([there.final, back.final], { axis: 1 }))).toBe(0);
    expect(close(state.backward.h, back.final)).toBe(0);
  });

  it('has right derivatives, batches and gradients at each step', () => {
    const loss = (u: Tensor): Tensor => layer.apply(params, u).outputs.square().sum();
    checkGrads(loss, [x], { order: 2 });
    const plain = grad(loss)(x);
    expect(close(jit(grad(loss))(x), plain)).toBeLessThan(1e-14);
    const mapped = vmap(grad(loss), { inAxes: 1, outAxes: 1 })(x);
    expect(close(mapped, plain)).toBeLessThan(1e-14);

    // The last state has read all in one direction, and the first state all in the other.
    const { norms, gradients } = gradientNorms(layer, params, x, ({ final }) => final.sum());
    expect(close(gradients.at(4, null, [0, 4]), tensor(1))).toBe(0);
    expect(close(gradients.at(0, null, [4, 6]), tensor(1))).toBe(0);
    const parts = [gradients.at(null, null, [0, 4]), gradients.at(null, null, [4, 6])].map((g) =>
      g.square().sum({ axis: 2 }),
    );
    const [a = norms, b = norms] = parts;
    expect(close(norms, a.add(b).sqrt())).toBeLessThan(1e-15);
  });

  it('runs from the end, goes on from a state, and leaves padding out', () => {
    const turned = layer.apply(params, x, { reverse: true });
    const there = forward.apply(params.forward, x, { reverse: true });
    expect(close(turned.outputs.at(null, null, [0, 4]), there.outputs)).toBe(0);
    const first = layer.apply(params, x);
    const next = layer.apply(params, x, { initial: first.state });
    const on = backward.apply(params.backward, x, {
      reverse: true,
      initial: first.state.backward,
    });
    expect(close(next.outputs.at(null, null, [4, 6]), on.outputs)).toBe(0);
    const mask = tensor([1, 1, 1, 0, 0].map((m) => [m, 1]));
    const masked = layer.apply(params, x, { mask });
    const short = layer.apply(params, x.at([0, 3], [0, 1]));
    expect(close(masked.final.at(0), short.final.at(0))).toBe(0);
    expect(close(masked.outputs.at([0, 3], 0), short.outputs.at(null, 0))).toBe(0);
    expect(close(masked.outputs.at(null, 1), first.outputs.at(null, 1))).toBe(0);
  });

  it('says what does not fit', () => {
    expect(() => bidirectional(gru(3, 2), gru(4, 2))).toThrow('take 3 and 4 inputs');
    const disturbance = draw([5, 2, 5], 1);
    expect(() => layer.apply(params, x, { disturbance })).toThrow(
      'disturbance has shape [5, 2, 5]; it must be [5, 2, 6]',
    );
  });
});

describe('bptt', () => {
  it.each([rnn, gru, lstm])(
    'is the same layer, with gradients that go back so many steps',
    (of) => {
      const layer = of(3, 4, one);
      const params = layer.init(random.key(3));
      const x = draw([7, 3], 4);
      const short = bptt({ truncate: 3 })(layer);
      expect(close(short.apply(params, x).outputs, layer.apply(params, x).outputs)).toBe(0);
      const norms = gradientNorms(short, params, x, ({ final }) => final.sum()).norms;
      // Cut before steps 3 and 6: only the last step itself is reached.
      expect(norms.at([0, 6]).max().item()).toBe(0);
      expect(norms.at(6).item()).toBe(2);
      const back = grad((u: Tensor) => short.apply(params, u).outputs.at(5).sum())(x);
      expect(back.at([0, 3]).abs().max().item()).toBe(0);
      expect(back.at([3, 6]).abs().min().item()).toBeGreaterThan(0);
      const whole = grad((u: Tensor) => layer.apply(params, u).final.sum())(x);
      const kept = bptt({ checkpoint: 2 })(layer);
      expect(close(grad((u: Tensor) => kept.apply(params, u).final.sum())(x), whole)).toBe(0);
    },
  );

  it('goes through layers of both directions', () => {
    const layer = bptt({ truncate: 2 })(bidirectional(rnn(3, 4, one)));
    const params = layer.init(random.key(3));
    const x = draw([5, 3], 4);
    const back = grad((u: Tensor) => layer.apply(params, u).outputs.at(2).sum())(x);
    // Forwards, steps 2 and 3 are one part; backwards, 4 and 3, and then 2 and 1.
    expect(back.at([0, 2]).abs().max().item()).toBe(0);
    expect(back.at([3, 5]).abs().max().item()).toBe(0);
    expect(back.at(2).abs().max().item()).toBeGreaterThan(0);
  });

  it('refuses what is no number of steps', () => {
    expect(() => bptt({ truncate: 0 })).toThrow('bptt: truncate is 0; it must be a whole number');
  });
});
