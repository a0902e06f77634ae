import { concatenate, grad, jit, scan, stack, type Tensor } from '@grad/core';
import type { Input } from '../input.ts';
import { array, type Eval, evaluation, item } from '../task.ts';

/** Weights and biases of the gates of all layers, [l, 2, 4, b], and of input and output, [3, b]. */
type Parameters = readonly [layers: Tensor, ends: Tensor];

/** One layer with diagonal weights; its state [2, b] is what it gave last and its cell. */
function layer(x: Tensor, parameters: Tensor, state: Tensor): [h: Tensor, state: Tensor] {
  const gate = (i: number, value: Tensor) =>
    value.mul(parameters.at(0, i)).add(parameters.at(1, i));
  const last = state.at(0);
  const forget = gate(0, x).sigmoid();
  const enter = gate(1, last).sigmoid();
  const leave = gate(2, x).sigmoid();
  const cell = state
    .at(1)
    .mul(forget)
    .add(enter.mul(gate(3, last).tanh()));
  const h = leave.mul(cell.tanh());
  return [h, stack([h, cell])];
}

/** Mean loss of predicting each row of a sequence [c, b] from those before it. */
function objective([layers, ends]: Parameters, state: Tensor, sequence: Tensor): Tensor {
  const steps = (sequence.shape[0] ?? 0) - 1;
  const step = (states: Tensor, { x, next }: { x: Tensor; next: Tensor }) => {
    const [h, after] = scan(
      (below: Tensor, [parameters, own]: readonly [Tensor, Tensor]) =>
        layer(below, parameters, own),
      x.mul(ends.at(0)),
      [layers, states],
    );
    const y = h.mul(ends.at(1)).add(ends.at(2));
    const normalizer = y.exp().sum().add(2).log();
    return [after, next.mul(y.sub(normalizer)).sum()] as const;
  };
  const pairs = { x: sequence.at([0, -1]), next: sequence.at([1, steps + 1]) };
  const [, gains] = scan(step, state, pairs);
  return gains
    .sum()
    .neg()
    .div(steps * (sequence.shape[1] ?? 0));
}

/** The gradient in the parameters, flattened in the order in which they came. */
function derivative(parameters: Parameters, state: Tensor, sequence: Tensor): Tensor {
  const [layers, ends] = grad(objective)(parameters, state, sequence);
  return concatenate([layers.reshape([-1]), ends.reshape([-1])]);
}

function read(input: Input): [Parameters, state: Tensor, sequence: Tensor] {
  const sequence = input.at('sequence').tensor([null, null]);
  const width = sequence.shape[1] ?? 0;
  const layers = input.at('main_params').tensor([null, 4 * width]);
  const depth = (layers.shape[0] ?? 0) / 2;
  const ends = input.at('extra_params').tensor([3, width]);
  const state = input.at('state').tensor([2 * depth, width]);
  const parameters = [layers.reshape([depth, 2, 4, width]), ends] as const;
  return [parameters, state.reshape([depth, 2, width]), sequence];
}

/** A language model of characters with diagonal LSTM layers, from ADBench. */
export const lstm: Eval = {
  objective: evaluation(read, jit(objective), item),
  jacobian: evaluation(read, jit(derivative), array),
};
