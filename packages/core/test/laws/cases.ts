import { eye, matmul, moveAxis } from '@grad/core';
import { lawsOf } from '../../src/backends/reference/laws.ts';
import { Noise } from '../../src/backends/reference/noise.ts';
import { exponential, exponentialTangent } from '../../src/flow/expm.ts';
import { cofactors, determinant, logDeterminant } from '../../src/functions/linalg/determinant.ts';
import { inverse } from '../../src/functions/linalg/inverse.ts';
import { linearSolve } from '../../src/functions/linalg/linear-solve.ts';
import type { Primitive, Sample, SampleOperand } from '../../src/primitives/define.ts';
import * as exported from '../../src/primitives/index.ts';
import type { Params, Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import { allocate, type DType, isFloat } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';
import type { FlatFunction } from '../../src/testing/flat-function.ts';
import { bind, trace } from '../../src/trace/trace.ts';
import { on, reference } from './backends.ts';

/** Every primitive of the core. */
export const primitives: readonly Primitive[] = [
  ...Object.values(exported),
  linearSolve,
  inverse,
  determinant,
  cofactors,
  logDeterminant,
  exponential,
  exponentialTangent,
];

/** A sample of a primitive with its operands made. */
export interface Case {
  readonly primitive: Primitive;
  readonly params: Params;
  readonly operands: readonly Tensor[];
  readonly smooth: boolean;
  /** For each operand, which others make sense. */
  readonly variety: readonly ('any' | 'multiples' | 'none')[];
  /** Primitive, sample and dtype, for messages. */
  readonly title: string;
}

/** All samples of a primitive; those with float operands in float64 and in float32. */
export function casesOf(primitive: Primitive, only?: 'float64' | 'float32'): Case[] {
  const samples = lawsOf(primitive).samples?.() ?? [];
  return samples.flatMap((sample, number) => {
    const floats = sample.operands.some((operand) => isFloatOperand(operand));
    const dtypes = (['float64', 'float32'] as const).filter((d) => floats || d === 'float64');
    return dtypes
      .filter((dtype) => only === undefined || dtype === only)
      .map((dtype) => makeCase(primitive, sample, dtype, number + 1));
  });
}

function isFloatOperand({ dtype = 'float' }: SampleOperand): boolean {
  return dtype === 'float';
}

function makeCase(
  primitive: Primitive,
  sample: Sample<Params>,
  dtype: 'float64' | 'float32',
  seed: number,
): Case {
  const noise = new Noise(seed);
  return {
    primitive,
    params: sample.params,
    operands: sample.operands.map((operand) => makeOperand(operand, dtype, noise)),
    smooth: sample.smooth ?? true,
    variety: sample.operands.map(({ positiveDefinite, regular, fixed }) => {
      if (fixed) return 'none';
      return positiveDefinite || regular ? 'multiples' : 'any';
    }),
    title: `${primitive.name}, ${sample.title}, ${dtype}`,
  };
}

function makeOperand(
  { shape, dtype = 'float', from, to, values, positiveDefinite }: SampleOperand,
  float: 'float64' | 'float32',
  noise: Noise,
): Tensor {
  const type: DType = dtype === 'float' ? float : dtype;
  const data = allocate(type, sizeOf(shape));
  const [lo, hi] = type === 'bool' ? [0, 1] : [from ?? -2, to ?? 2];
  for (let i = 0; i < data.length; i++) {
    const u = noise.uniform();
    const drawn = dtype === 'float' ? lo + u * (hi - lo) : Math.floor(lo + u * (hi - lo + 1));
    data[i] = values ? (values[i % values.length] ?? drawn) : drawn;
  }
  const made = fromData(type, shape, data);
  return positiveDefinite ? gram(made) : made;
}

/** X X' / n + I for each matrix X, whose eigenvalues are not far from 1. */
function gram(x: Tensor): Tensor {
  const n = x.shape.at(-1) ?? 0;
  return on(reference, () =>
    matmul(x, moveAxis(x, -1, -2))
      .div(Math.max(1, n))
      .add(eye(n, n, { dtype: x.dtype })),
  );
}

/** The case as a Program of its operands, each of them passed through `prepare` first. */
export function programOf(
  { primitive, params }: Case,
  operands: readonly Tensor[],
  prepare: (operand: Tensor, i: number) => Tensor = (operand) => operand,
): Program {
  const { program } = trace(
    operands.map((operand) => operand.type),
    (...inputs) => bind(primitive, inputs.map(prepare), params),
    { name: primitive.name },
  );
  return verify(program, primitive.name);
}

/** The primitive as a function of its float operands alone. */
export function ofFloats({ primitive, params, operands }: Case): {
  f: FlatFunction;
  point: Tensor[];
} {
  const floats = operands.flatMap((x, i) => (isFloat(x.dtype) ? [i] : []));
  const f: FlatFunction = (...moved) =>
    bind(
      primitive,
      operands.map((x, i) => moved[floats.indexOf(i)] ?? x),
      params,
    );
  return { f, point: floats.flatMap((i) => operands[i] ?? []) };
}

/** Whether a float operand can move a float result. */
export function isDifferentiable({ operands, primitive, params }: Case): boolean {
  const [type] = primitive.typeOf(
    operands.map((x) => x.type),
    params,
  );
  const float = type?.kind === 'tensor' && isFloat(type.dtype);
  return float && operands.some((x) => isFloat(x.dtype));
}
