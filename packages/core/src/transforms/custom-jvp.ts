import { zeros } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import type { Program } from '../program/program.ts';
import { sameTree, type TreeDef, unflatten } from '../program/tree.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { formatType, sameType, type ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram } from '../trace/trace.ts';
import { batchProgram } from './batch-program.ts';
import { flattenTensors, traceTree } from './trace-tree.ts';
import type { Arguments } from './types.ts';

/** Operands: `[...f captures, ...rule captures, ...args]`. */
interface CustomJvpParams {
  /** `[...f captures, ...args] -> results`. */
  readonly f: Program;
  /** `[...rule captures, ...args, ...tangents] -> [...results, ...tangents]`. */
  readonly rule: Program;
  readonly counts: readonly [f: number, rule: number];
}

function split<T>(operands: readonly T[], { counts: [f, rule] }: CustomJvpParams) {
  return {
    f: operands.slice(0, f),
    rule: operands.slice(f, f + rule),
    args: operands.slice(f + rule),
  };
}

const customJvpOperation: Primitive = defineOperation({
  name: 'customJvp',
  typeOf: (_: readonly ValueType[], params: CustomJvpParams) =>
    params.f.outputs.map((output) => output.type),

  decompose: (operands: readonly Tensor[], params: CustomJvpParams) => {
    const parts = split(operands, params);
    return evaluateProgram(params.f, [...parts.f, ...parts.args]);
  },

  linearizeAll: (operands, params: CustomJvpParams, active): Linearized => {
    const outputs = bind(customJvpOperation, operands, params);
    const parts = split(operands, params);
    const moves = split(active, params).args.includes(true);
    return {
      outputs,
      active: outputs.map(() => moves),
      pushforward: (tangents) => {
        if (!moves) return outputs.map(() => null);
        const { args } = split(tangents, params);
        const moved = parts.args.map((x, i) => args[i] ?? zeros(typeOf(x)));
        const results = evaluateProgram(params.rule, [...parts.rule, ...parts.args, ...moved]);
        return results.slice(outputs.length);
      },
    };
  },

  vmap: (operands, batched, params: CustomJvpParams, size, running): Batched => {
    const parts = split(operands, params);
    const flags = split(batched, params);
    const mask = running ? [running] : [];
    const [f, rule] = params.counts;
    const every = params.f.outputs.map(() => true);
    const ruleFlags = [...flags.rule, ...flags.args, ...flags.args];
    const all = [...mask, ...parts.f, ...mask, ...parts.rule, ...parts.args];
    const outputs = bind(customJvpOperation, all, {
      f: batchProgram(params.f, [...flags.f, ...flags.args], size, every, mask.length > 0).program,
      rule: batchProgram(params.rule, ruleFlags, size, [...every, ...every], mask.length > 0)
        .program,
      counts: [f + mask.length, rule + mask.length],
    } satisfies CustomJvpParams);
    return { outputs, batched: every };
  },
});

/**
 * f with a derivative of your own: `rule(primals, tangents)` gives `[y, dy]`, where dy is linear in
 * the tangents. Reverse mode follows by transposing it. Values that f closes over count as
 * constants.
 *
 * @throws TypeError when the rule's results do not have the structure and types of f's result.
 */
export function customJvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => readonly [y: R, dy: R],
): (...args: Arguments<A>) => R {
  return (...args) => {
    const [leaves, argTree] = flattenTensors(args);
    const types = leaves.map((leaf) => leaf.type);
    const value = traceTree('customJvp', f, argTree, types);
    const both: TreeDef = { kind: 'array', children: [argTree, argTree] };
    const traced = traceTree('customJvp rule', rule, both, [...types, ...types]);
    checkRule(traced.result, traced.program, value.result, value.program);
    const results = bind(customJvpOperation, [...value.captures, ...traced.captures, ...leaves], {
      f: value.program,
      rule: traced.program,
      counts: [value.captures.length, traced.captures.length],
    } satisfies CustomJvpParams);
    return unflatten<R>(value.result, results);
  };
}

function checkRule(ruleTree: TreeDef, rule: Program, valueTree: TreeDef, value: Program): void {
  const expected: TreeDef = { kind: 'array', children: [valueTree, valueTree] };
  if (!sameTree(ruleTree, expected)) {
    throw new TypeError(
      "customJvp: the rule must return [y, dy], both in the structure of the function's result.",
    );
  }
  const types = value.outputs.map((output) => output.type);
  rule.outputs.forEach((output, i) => {
    const type = types[i % types.length];
    if (type && !sameType(type, output.type)) {
      const what = i < types.length ? 'value' : 'tangent';
      throw new TypeError(
        `customJvp: the rule gives a ${what} of type ${formatType(output.type)} where the function's result is ${formatType(type)}.`,
      );
    }
  });
}
