import { grad, jit, matmul, scan, type Tensor, zeros } from '../../../packages/core/src/index.ts';
import { elements, given } from '../../src/peers/grad-side.ts';
import { numberOf, type Prepare } from '../../src/suite.ts';

interface Lstm {
  readonly wx: Tensor;
  readonly wh: Tensor;
  readonly b: Tensor;
}

/** The mean square of the distance of the last output from y. */
function loss({ wx, wh, b }: Lstm, x: Tensor, y: Tensor): Tensor {
  const hidden = wh.shape[0] ?? 0;
  const start = zeros([y.shape[0] ?? 0, hidden], { dtype: 'float32' });
  const step = ([h, cell]: readonly [Tensor, Tensor], now: Tensor) => {
    const gates = matmul(now, wx).add(matmul(h, wh)).add(b);
    const gate = (i: number) => gates.at(null, [i * hidden, (i + 1) * hidden]);
    const kept = cell.mul(gate(1).sigmoid());
    const next = kept.add(gate(0).sigmoid().mul(gate(2).tanh()));
    return [[gate(3).sigmoid().mul(next.tanh()), next] as const, null] as const;
  };
  const [[last]] = scan(step, [start, start] as const, x);
  return last.sub(y).square().mean();
}

export const prepare: Prepare = (inputs, options) => {
  const rate = numberOf(options, 'learningRate');
  const [x, y] = [given(inputs, 'x'), given(inputs, 'y')];
  const step = jit((model: Lstm, x: Tensor, y: Tensor): Lstm => {
    const slope = grad(loss)(model, x, y);
    return {
      wx: model.wx.sub(slope.wx.mul(rate)),
      wh: model.wh.sub(slope.wh.mul(rate)),
      b: model.b.sub(slope.b.mul(rate)),
    };
  });
  let model: Lstm = { wx: given(inputs, 'wx'), wh: given(inputs, 'wh'), b: given(inputs, 'b') };
  return {
    run: () => {
      model = step(model, x, y);
    },
    output: () => elements([model.wx, model.wh, model.b]),
  };
};
