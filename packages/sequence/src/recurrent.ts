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

/** How a recurrent layer starts. */
export interface RecurrentOptions {
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/** Parameters of a recurrent layer with G gates: 1 in `rnn`, 3 in `gru`, 4 in `lstm`. */
export interface RecurrentParams {
  /** `[inputs, G * hidden]` */
  readonly inputWeight: Tensor;
  /** `[hidden, G * hidden]` */
  readonly hiddenWeight: Tensor;
  /** `[G * hidden]` */
  readonly bias: Tensor;
  /** `[G * hidden]`, added to h W before the reset gate applies; only in `gru`. */
  readonly hiddenBias?: Tensor;
}

/** What `apply` can be told about a run. */
export interface RunOptions {
  /** `[steps, ...batch]`: where 0 or less, the state stays as it is. For sequences of varied length. */
  readonly mask?: Tensor;
  /** Backpropagation through time is cut before every step whose number is a multiple of this. */
  readonly truncate?: number;
  /** `[steps, ...batch, hidden]`, added to the hidden state after each step. */
  readonly disturbance?: Tensor;
}

/** Hidden states of a run. */
export interface RunResult {
  /** Hidden states after each step, `[steps, ...batch, hidden]`. */
  readonly outputs: Tensor;
  /** The hidden state after the last step, `[...batch, hidden]`. */
  readonly final: Tensor;
}

/** A recurrent layer. */
export interface Recurrent {
  readonly kind: 'rnn' | 'gru' | 'lstm';
  readonly inputs: number;
  readonly hidden: number;
  /** Draws parameters uniformly within 1 / sqrt(hidden) of 0. */
  init(key: Tensor): RecurrentParams;
  /**
   * Runs over the leading axis of x, `[steps, ...batch, inputs]`, from a state of zeros.
   *
   * @throws ShapeError when shapes do not fit.
   * @throws RangeError when `truncate` is no whole number of 1 or more.
   */
  apply(params: RecurrentParams, x: Tensor, options?: RunOptions): RunResult;
}

interface State {
  readonly h: Tensor;
  readonly c: Tensor;
}

type Cell = (drive: Tensor, state: State, params: RecurrentParams, hidden: number) => State;

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

function checkShape(name: string, what: string, value: Tensor, shape: readonly number[]): void {
  if (value.shape.length !== shape.length || shape.some((n, i) => value.shape[i] !== n)) {
    throw new ShapeError(
      `${name}: ${what} has shape [${value.shape.join(', ')}]; it must be [${shape.join(', ')}].`,
    );
  }
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
    apply(params, x, { mask, truncate, disturbance } = {}) {
      const steps = x.shape[0];
      if (x.shape.length < 2 || steps === undefined || x.shape.at(-1) !== inputs) {
        throw new ShapeError(
          `${kind}: x has shape [${x.shape.join(', ')}]; it must be [steps, ...batch, ${inputs}].`,
        );
      }
      const batch = x.shape.slice(1, -1);
      checkShape(kind, 'inputWeight', params.inputWeight, [inputs, width]);
      checkShape(kind, 'hiddenWeight', params.hiddenWeight, [hidden, width]);
      checkShape(kind, 'bias', params.bias, [width]);
      if (params.hiddenBias !== undefined) {
        checkShape(kind, 'hiddenBias', params.hiddenBias, [width]);
      }
      if (mask !== undefined) {
        checkShape(kind, 'mask', mask, [steps, ...batch]);
      }
      if (disturbance !== undefined) {
        checkShape(kind, 'disturbance', disturbance, [steps, ...batch, hidden]);
      }
      if (truncate !== undefined) {
        checkCount(kind, 'truncate', truncate);
      }
      const drive = x.matmul(params.inputWeight).add(params.bias);
      const start = zeros([...batch, hidden], { dtype: params.bias.dtype });
      const xs = {
        drive,
        ...(mask === undefined ? {} : { keep: mask.reshape([steps, ...batch, 1]) }),
        ...(disturbance === undefined ? {} : { disturbance }),
        ...(truncate === undefined
          ? {}
          : { cut: tensor(Array.from({ length: steps }, (_, t) => (t % truncate === 0 ? 1 : 0))) }),
      };
      const [last, outputs] = scan(
        (
          state: State,
          at: { drive: Tensor; keep?: Tensor; disturbance?: Tensor; cut?: Tensor },
        ) => {
          const { cut, keep } = at;
          const cutOff = (v: Tensor) =>
            cut === undefined ? v : where(cut.gt(0), stopGradient(v), v);
          const from = { h: cutOff(state.h), c: cutOff(state.c) };
          const made = cell(at.drive, from, params, hidden);
          const kept = (a: Tensor, b: Tensor) => (keep === undefined ? a : where(keep.gt(0), a, b));
          const h = kept(made.h, from.h);
          const next = {
            h: at.disturbance === undefined ? h : h.add(at.disturbance),
            c: kept(made.c, from.c),
          };
          return [next, next.h];
        },
        { h: start, c: start },
        xs,
      );
      return { outputs, final: last.h };
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
