import type { Equation } from '../program/program.ts';
import type { Data } from '../tensor/dtype.ts';
import { formatTensor } from '../tensor/print.ts';
import { rowMajorStrides } from '../tensor/shape.ts';
import type { DenseStorage, ValueStorage } from '../tensor/storage.ts';
import type { ValueType } from '../tensor/type.ts';

/** A step of a loop that runs. */
export interface LoopStep {
  /** Name of the loop's operation. */
  readonly loop: string;
  /** Which of its elements, or steps, from 0. */
  readonly step: number;
}

/** The first operation that made a NaN (or an infinity) of operands without one; see `setDebug`. */
export class NaNError extends Error {
  /** Tells this kind of error from others, also across realms. */
  override readonly name = 'NaNError';
  /** Name of the operation. */
  readonly operation: string;
  /** `file:line:column` of the code that asked for it, where that is known. */
  readonly source: string | undefined;
  /** The operation of whose derivative it is a part, if it is. */
  readonly derivativeOf: string | undefined;
  /** The steps of the loops around it, outermost first. */
  readonly steps: readonly LoopStep[];

  /** @internal */
  constructor(
    equation: Equation,
    operands: readonly ValueStorage[],
    found: { readonly value: number; readonly at: number; readonly output: number },
    result: DenseStorage,
    steps: readonly LoopStep[],
  ) {
    const { operation, source, inputs, outputs } = equation;
    const derivativeOf = source?.derivativeOf;
    const given = inputs.map(({ type }, i) => formatTensor(type, dataOf(operands[i])));
    const type = outputs[found.output]?.type;
    const lines = [
      `${operation.name}: the result is ${found.value} where no operand is.`,
      ...given.map((text, i) => `  operand ${i}: ${text}`),
      ...(type
        ? [`  result: ${formatTensor(type, result.data)}, ${position(type, found.at)}`]
        : []),
      ...steps.map(({ loop, step }) => `  in step ${step} of ${loop}`),
      `  ${derivativeOf === undefined ? 'at' : `in the derivative of ${derivativeOf} at`} ${source?.place ?? 'an unknown line (what was recorded before setDebug has none)'}`,
    ];
    super(lines.join('\n'));
    this.operation = operation.name;
    this.source = source?.place;
    this.derivativeOf = derivativeOf;
    this.steps = steps;
  }
}

function dataOf(storage: ValueStorage | undefined): Data | undefined {
  return storage?.kind === 'dense' ? storage.data : undefined;
}

function position(type: ValueType, at: number): string {
  const shape = type.kind === 'tensor' ? type.shape : [];
  if (shape.length === 0) return 'a scalar';
  const index = rowMajorStrides(shape).map(
    (stride, i) => Math.floor(at / stride) % (shape[i] ?? 1),
  );
  return `first at [${index.join(', ')}]`;
}
