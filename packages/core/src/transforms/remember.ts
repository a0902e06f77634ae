/**
 * Values that are looked at while a function is recorded to be differentiated. They are computed
 * together with their residuals, and the Program goes on from there: what `item()` made run does
 * not run again in the derivative.
 */

import { add } from '../primitives/arithmetic.ts';
import { zeros } from '../primitives/create.ts';
import { defineOperation, type Linearized, type Primitive } from '../primitives/define.ts';
import type { Program } from '../program/program.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import type { Remembered, TraceOptions } from '../trace/options.ts';
import { evaluateProgram } from '../trace/trace.ts';
import { linearizeOnce } from './linearize-once.ts';

/** Operands: `[...values, ...residuals, ...active inputs]`; results: the values. */
interface RememberParams {
  /** `[...residuals, ...tangents of active inputs] -> tangents of active results`. */
  readonly linear: Program;
  /** Which results depend on the active inputs. */
  readonly active: readonly boolean[];
  readonly residuals: number;
}

function split<T>(operands: readonly T[], { active, residuals }: RememberParams) {
  const inputs = active.length + residuals;
  return {
    values: operands.slice(0, active.length),
    residuals: operands.slice(active.length, inputs),
    inputs: operands.slice(inputs),
  };
}

const rememberOperation: Primitive = defineOperation({
  name: 'remember',
  typeOf: (operands: readonly ValueType[], params: RememberParams) =>
    split(operands, params).values,

  decompose: (operands: readonly Tensor[], params: RememberParams) =>
    split(operands, params).values,

  linearizeAll: (operands, params: RememberParams, active): Linearized => {
    const parts = split(operands, params);
    const flags = split(active, params);
    const depends = flags.inputs.includes(true);
    return {
      outputs: parts.values,
      active: flags.values.map((moves, i) => moves || (depends && params.active[i] === true)),
      pushforward: (tangents) => {
        const moved = split(tangents, params);
        const changes = depends
          ? evaluateProgram(params.linear, [
              ...parts.residuals,
              ...parts.inputs.map((x, i) => moved.inputs[i] ?? zeros(typeOf(x))),
            ])
          : [];
        let next = 0;
        return moved.values.map((own, i) => {
          const change = depends && params.active[i] ? (changes[next++] ?? null) : null;
          return own && change ? add(own, change) : (own ?? change);
        });
      },
    };
  },
});

/** Options of a trace whose values are known, and whose Program is going to be differentiated. */
export function known(
  values: readonly Tensor[],
  active: readonly boolean[],
): Pick<TraceOptions, 'values' | 'differentiation'> {
  return { values, differentiation: { active, run } };
}

function run(program: Program, inputs: readonly Tensor[], active: readonly boolean[]): Remembered {
  const parts = linearizeOnce(program, active);
  const results = evaluateProgram(parts.primal, [...parts.captures, ...inputs]);
  const count = program.outputs.length;
  const params: RememberParams = {
    linear: parts.linear,
    active: parts.active,
    residuals: parts.residuals,
  };
  return {
    values: results.slice(0, count),
    operation: rememberOperation,
    params,
    residuals: results.slice(count),
  };
}
