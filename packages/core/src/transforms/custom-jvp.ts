import { zeros } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import type { Program } from '../program/program.ts';
import { sameTree, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction } from '../tensor/check.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { formatType, sameType, type ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram } from '../trace/trace.ts';
import { batchProgram, withBatch } from './batch-program.ts';
import { calledFromWithin, evaluateRule, isInOwnRule, recordRules } from './own-rule.ts';
import { flattenTensors, traceTree } from './trace-tree.ts';
import type { Arguments } from './types.ts';

/** Operands: `[...f captures, ...rule captures, ...args]`. */
interface CustomJvpParams {
  /** `[...f captures, ...args] -> results`. */
  readonly f: Program;
  /**
   * `[...rule captures, ...args, ...tangents] -> [...results, ...tangents]`; null when the rule itself
   * made the call.
   */
  readonly rule: Program | null;
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
        return applyRule(params, parts.rule, [...parts.args, ...moved]).slice(outputs.length);
      },
    };
  },

  vmap: (operands, batched, params: CustomJvpParams, size, running): Batched => {
    const parts = split(operands, params);
    const flags = split(batched, params);
    const args = parts.args.map((x, i) => withBatch(x, flags.args[i] === true, size));
    const batch = (program: Program, consts: readonly boolean[]): Program => {
      const given = program.inputs.slice(consts.length).map(() => true);
      const every = program.outputs.map(() => true);
      return batchProgram(program, [...consts, ...given], size, every, mask.length > 0).program;
    };
    const mask = running ? [running] : [];
    const [f, rule] = params.counts;
    const all = [...mask, ...parts.f, ...(params.rule ? mask : []), ...parts.rule, ...args];
    const outputs = bind(customJvpOperation, all, {
      f: batch(params.f, flags.f),
      rule: params.rule && batch(params.rule, flags.rule),
      counts: [f + mask.length, params.rule ? rule + mask.length : 0],
    } satisfies CustomJvpParams);
    return { outputs, batched: outputs.map(() => true) };
  },
});

/** The rule applied to arguments and tangents; where it calls the function, with the same rule. */
function applyRule(
  { rule }: CustomJvpParams,
  captures: readonly Tensor[],
  values: readonly Tensor[],
): readonly Tensor[] {
  if (rule === null) throw new TypeError(calledFromWithin('customJvp'));
  return evaluateRule(rule, [...captures, ...values], {
    operation: customJvpOperation,
    complete: (operands, params: CustomJvpParams) => {
      if (params.rule) return null;
      const parts = split(operands, params);
      return {
        operands: [...parts.f, ...captures, ...parts.args],
        params: { ...params, rule, counts: [params.counts[0], captures.length] },
      };
    },
  });
}

/**
 * f with a derivative of your own: `rule(primals, tangents)` gives `[y, dy]`, where dy is linear in
 * the tangents. Reverse mode follows by transposing it. Values that f closes over count as
 * constants. The rule may call the function itself.
 *
 * @throws TypeError when the rule's results do not have the structure and types of f's result.
 */
export function customJvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => readonly [y: R, dy: R],
): (...args: Arguments<A>) => R {
  checkFunction('customJvp', 'the first argument', f);
  checkFunction('customJvp', 'the rule', rule);
  return (...args) => {
    const [leaves, argTree] = flattenTensors(args);
    const types = leaves.map((leaf) => leaf.type);
    const value = traceTree('customJvp', f, argTree, types);
    const both: TreeDef = { kind: 'array', children: [argTree, argTree] };
    const traced = isInOwnRule(rule, types)
      ? null
      : recordRules(rule, types, () =>
          traceTree('customJvp rule', rule, both, [...types, ...types]),
        );
    if (traced) checkRule(traced.result, traced.program, value.result, value.program);
    const captures = traced?.captures ?? [];
    const results = bind(customJvpOperation, [...value.captures, ...captures, ...leaves], {
      f: value.program,
      rule: traced?.program ?? null,
      counts: [value.captures.length, captures.length],
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
