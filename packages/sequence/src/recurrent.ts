/**
 * Recurrent layers as one compiled scan. Equations and the order of gates are those of PyTorch's RNN,
 * LSTM and GRU; weights are transposed, so that x W applies them.
 */
import {
  random,
  ShapeError,
  scan,
  stopGradient,
  type Tensor,
  tensor,
  where,
  zeros,
} from '@grad/core';
import type { Recurrent, RecurrentParams, RecurrentState, RunOptions } from './recurrent-layer.ts';

/** How a recurrent layer starts. */
export interface RecurrentOptions {
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

type Cell = (
  drive: Tensor,
  state: RecurrentState,
  params: RecurrentParams,
  hidden: number,
) => RecurrentState;

function gate(all: Tensor, index: number, hidden: number): Tensor {
  const leading = all.shape.slice(1).map(() => null);
  return all.at(...leading, [index * hidden, (index + 1) * hidden]);
}

const rnnCell: Cell = (drive, { h, c }, params) => ({
  h: drive.add(h.matmul(params.hiddenWeight)).tanh(),
  c,
});

const gruCell: Cell = (drive, { h, c }, params, hidden) => {
  const linear = h.matmul(params.hiddenWeight);
  const own = params.hiddenBias === undefined ? linear : linear.add(params.hiddenBias);
  const r = gate(drive, 0, hidden)
    .add(gate(own, 0, hidden))
    .sigmoid();
  const z = gate(drive, 1, hidden)
    .add(gate(own, 1, hidden))
    .sigmoid();
  const n = gate(drive, 2, hidden)
    .add(r.mul(gate(own, 2, hidden)))
    .tanh();
  return { h: n.add(z.mul(h.sub(n))), c };
};

const lstmCell: Cell = (drive, { h, c }, params, hidden) => {
  const all = drive.add(h.matmul(params.hiddenWeight));
  const i = gate(all, 0, hidden).sigmoid();
  const f = gate(all, 1, hidden).sigmoid();
  const g = gate(all, 2, hidden).tanh();
  const o = gate(all, 3, hidden).sigmoid();
  const next = f.mul(c).add(i.mul(g));
  return { h: o.mul(next.tanh()), c: next };
};

function checkCount(name: string, what: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`${name}: ${what} is ${count}; it must be a whole number of 1 or more.`);
  }
}

function checkShape(
  name: string,
  what: string,
  value: Tensor | undefined,
  shape: readonly number[],
): void {
  if (value === undefined) return;
  if (value.shape.length !== shape.length || shape.some((n, i) => value.shape[i] !== n)) {
    throw new ShapeError(
      `${name}: ${what} has shape [${value.shape.join(', ')}]; it must be [${shape.join(', ')}].`,
    );
  }
}

/** What the loop goes over. */
interface Inputs {
  readonly drive: Tensor;
  readonly keep?: Tensor;
  readonly disturbance?: Tensor;
  readonly cut?: Tensor;
}

/** Where a mask says that a step is taken. */
function taken(mask: Tensor): Tensor {
  return mask.dtype === 'bool' ? mask : mask.gt(0);
}

/** Whether gradients end before each step, by its place; counted in the order of the run. */
function cuts(steps: number, truncate: number, reverse: boolean): Tensor {
  const flags = Array.from({ length: steps }, (_, t) => t > 0 && t % truncate === 0);
  return tensor(reverse ? flags.reverse() : flags);
}

function checkRun(
  kind: string,
  { inputs, hidden, width }: { inputs: number; hidden: number; width: number },
  params: RecurrentParams,
  x: Tensor,
  { mask, truncate, disturbance, initial }: RunOptions,
): [steps: number, batch: readonly number[]] {
  const [steps] = x.shape;
  if (x.shape.length < 2 || steps === undefined || x.shape.at(-1) !== inputs) {
    throw new ShapeError(
      `${kind}: x has shape [${x.shape.join(', ')}]; it must be [steps, ...batch, ${inputs}].`,
    );
  }
  const batch = x.shape.slice(1, -1);
  checkShape(kind, 'inputWeight', params.inputWeight, [inputs, width]);
  checkShape(kind, 'hiddenWeight', params.hiddenWeight, [hidden, width]);
  checkShape(kind, 'bias', params.bias, [width]);
  checkShape(kind, 'hiddenBias', params.hiddenBias, [width]);
  checkShape(kind, 'mask', mask, [steps, ...batch]);
  checkShape(kind, 'disturbance', disturbance, [steps, ...batch, hidden]);
  checkShape(kind, 'initial.h', initial?.h, [...batch, hidden]);
  checkShape(kind, 'initial.c', initial?.c, [...batch, hidden]);
  if (truncate !== undefined) checkCount(kind, 'truncate', truncate);
  return [steps, batch];
}

function recurrent(
  kind: Recurrent['kind'],
  gates: number,
  cell: Cell,
  inputs: number,
  hidden: number,
  { dtype = 'float32' }: RecurrentOptions,
): Recurrent {
  checkCount(kind, 'the number of inputs', inputs);
  checkCount(kind, 'the number of hidden units', hidden);
  const width = gates * hidden;
  return {
    kind,
    inputs,
    hidden,
    init(key) {
      const bound = 1 / Math.sqrt(hidden);
      const [first, second, third, fourth] = random.split(key, 4);
      const draw = (from: Tensor, shape: readonly number[]) =>
        random.uniform(from, shape, { low: -bound, high: bound, dtype });
      const params = {
        inputWeight: draw(first, [inputs, width]),
        hiddenWeight: draw(second, [hidden, width]),
        bias: draw(third, [width]),
      };
      return kind === 'gru' ? { ...params, hiddenBias: draw(fourth, [width]) } : params;
    },
    apply(params, x, options = {}) {
      const { mask, truncate, disturbance, initial, reverse = false, checkpoint } = options;
      const [steps, batch] = checkRun(kind, { inputs, hidden, width }, params, x, options);
      const keep = mask === undefined ? undefined : taken(mask).expandDims(-1);
      // Padding may hold anything: 0 times NaN would still be NaN in the gradient of the weights.
      const seen = keep === undefined ? x : where(keep, x, 0);
      const drive = seen.matmul(params.inputWeight).add(params.bias);
      const none = () => zeros([...batch, hidden], { dtype: params.bias.dtype });
      const start: RecurrentState = { h: initial?.h ?? none(), c: initial?.c ?? none() };
      const xs = {
        drive,
        ...(keep === undefined ? {} : { keep }),
        ...(disturbance === undefined ? {} : { disturbance }),
        ...(truncate === undefined ? {} : { cut: cuts(steps, truncate, reverse) }),
      };
      const [state, outputs] = scan(
        (from: RecurrentState, at: Inputs) => {
          const { cut, keep: here } = at;
          const cutOff = (v: Tensor) => (cut === undefined ? v : where(cut, stopGradient(v), v));
          const before = { h: cutOff(from.h), c: cutOff(from.c) };
          const made = cell(at.drive, before, params, hidden);
          const kept = (a: Tensor, b: Tensor) => (here === undefined ? a : where(here, a, b));
          const h = kept(made.h, before.h);
          const next = {
            h: at.disturbance === undefined ? h : h.add(at.disturbance),
            c: kept(made.c, before.c),
          };
          return [next, next.h];
        },
        start,
        xs,
        { reverse, ...(checkpoint === undefined ? {} : { checkpoint }) },
      );
      return { outputs, final: state.h, state };
    },
  };
}

/**
 * h' = tanh(x W + b + h U), Elman's network.
 *
 * @throws RangeError when a size is no whole number of 1 or more.
 */
export function rnn(inputs: number, hidden: number, options: RecurrentOptions = {}): Recurrent {
  return recurrent('rnn', 1, rnnCell, inputs, hidden, options);
}

/**
 * Gated recurrent unit (Cho et al. 2014) with the reset gate after the product, as PyTorch has it;
 * gates in the order reset, update, new.
 *
 * @throws RangeError when a size is no whole number of 1 or more.
 */
export function gru(inputs: number, hidden: number, options: RecurrentOptions = {}): Recurrent {
  return recurrent('gru', 3, gruCell, inputs, hidden, options);
}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gate); gates in the order input,
 * forget, cell, output. One bias stands for the sum of PyTorch's two.
 *
 * @throws RangeError when a size is no whole number of 1 or more.
 */
export function lstm(inputs: number, hidden: number, options: RecurrentOptions = {}): Recurrent {
  return recurrent('lstm', 4, lstmCell, inputs, hidden, options);
}
