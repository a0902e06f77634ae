import { evals, Input } from '@grad/gradbench';
import type { DataFolder } from '../data-folder.ts';
import {
  add,
  type Dual,
  dual,
  exp,
  log,
  mul,
  scale,
  seeded,
  sigmoid,
  sub,
  sumOf,
  tanh,
} from './dual.ts';
import { numbersOf } from './numbers.ts';

/** A file: weights and biases of gates by layer, of input and output, states, and characters. */
export function readLstm(data: DataFolder, name: string) {
  const file = numbersOf(data, `lstm/${name}.txt`);
  const [layers, , width] = [file.next(), file.next(), file.next()];
  const main = file.rows(2 * layers, 4 * width);
  const extra = file.rows(3, width);
  const state = file.rows(2 * layers, width);
  const rest = file.rest();
  const sequence = Array.from({ length: Math.floor(rest.length / width) }, (_, i) =>
    rest.slice(i * width, (i + 1) * width),
  );
  return { layers, width, main, extra, state, sequence };
}

type Problem = ReturnType<typeof readLstm>;

/** Loss and gradient by @grad. */
export function lstmGradient({ main, extra, state, sequence }: Problem) {
  const input = new Input({ main_params: main, extra_params: extra, state, sequence });
  const run = (name: string): unknown => {
    const task = evals.get('lstm')?.[name]?.(input);
    task?.run();
    return task?.output();
  };
  const gradient = run('jacobian');
  return {
    value: Number(run('objective')),
    gradient: Array.isArray(gradient) ? gradient.map(Number) : [],
  };
}

/** The same by dual numbers, one direction after the other. */
export function lstmGradientByHand(problem: Problem): number[] {
  const values = [...problem.main.flat(), ...problem.extra.flat()];
  return values.map((_, k) => loss(problem, seeded(values, k)).d);
}

function loss({ layers, width: b, state, sequence }: Problem, at: readonly Dual[]): Dual {
  const get = (k: number): Dual => at[k] ?? dual(Number.NaN);
  const gate = (layer: number, bias: 0 | 1, g: number, j: number): Dual =>
    get((2 * layer + bias) * 4 * b + g * b + j);
  const end = (row: number, j: number): Dual => get(8 * layers * b + row * b + j);
  const hidden = Array.from({ length: layers }, (_, l) => (state[2 * l] ?? []).map((v) => dual(v)));
  const cells = Array.from({ length: layers }, (_, l) =>
    (state[2 * l + 1] ?? []).map((v) => dual(v)),
  );
  let total = dual(0);
  for (let t = 0; t + 1 < sequence.length; t++) {
    const y: Dual[] = [];
    for (let j = 0; j < b; j++) {
      let x = scale(end(0, j), sequence[t]?.[j] ?? 0);
      for (let l = 0; l < layers; l++) {
        const [h, cell] = [hidden[l]?.[j] ?? dual(0), cells[l]?.[j] ?? dual(0)];
        const linear = (g: number, value: Dual): Dual =>
          add(mul(value, gate(l, 0, g, j)), gate(l, 1, g, j));
        const forget = sigmoid(linear(0, x));
        const enter = sigmoid(linear(1, h));
        const leave = sigmoid(linear(2, x));
        const change = tanh(linear(3, h));
        const next = add(mul(cell, forget), mul(enter, change));
        x = mul(leave, tanh(next));
        const [row, column] = [hidden[l], cells[l]];
        if (row && column) {
          row[j] = x;
          column[j] = next;
        }
      }
      y.push(add(mul(x, end(1, j)), end(2, j)));
    }
    const normalizer = log(add(sumOf(y.map(exp)), dual(2)));
    const gains = y.map((v, j) => scale(sub(v, normalizer), sequence[t + 1]?.[j] ?? 0));
    total = add(total, sumOf(gains));
  }
  return scale(total, -1 / ((sequence.length - 1) * b));
}
