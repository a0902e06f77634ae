import { Input } from '../../../apps/gradbench/src/input.ts';
import type { Prepare as PrepareEval } from '../../../apps/gradbench/src/task.ts';
import type { Inputs, Work } from '../suite.ts';

/** An array as nested arrays; a number when it has no axes. */
function nested(data: ArrayLike<number>, [extent, ...inner]: readonly number[]): unknown {
  if (extent === undefined) return data[0];
  const stride = data.length / extent;
  return Array.from({ length: extent }, (_, i) =>
    nested(Array.prototype.slice.call(data, i * stride, (i + 1) * stride), inner),
  );
}

/** The inputs of a case as the JSON that an eval reads. */
export function asJson(inputs: Inputs): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => [name, nested(data, shape)]),
  );
}

/** Every number in JSON, in order. */
function numbers(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbers) : [];
}

/** An eval of GradBench as work; of a result with names, the parts in the order of `names`. */
export function evaluating(
  prepare: PrepareEval | undefined,
  input: unknown,
  names?: readonly string[],
): Work {
  if (!prepare) throw new Error('The eval has no such function.');
  const { run, output } = prepare(new Input(input));
  const ordered = (value: unknown): unknown =>
    names && typeof value === 'object' && value !== null
      ? names.map((name) => Reflect.get(value, name))
      : value;
  return { run, output: () => numbers(ordered(output())) };
}
