import { Cotangent } from '../primitives/cotangent.ts';
import { zeros } from '../primitives/create.ts';
import {
  type Batched,
  defineOperation,
  type Linearized,
  type Primitive,
} from '../primitives/define.ts';
import type { Program } from '../program/program.ts';
import { formatTree, sameTree, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction, describeValue } from '../tensor/check.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { formatType, sameType, type TensorType, type ValueType } from '../tensor/type.ts';
import { bind, evaluateProgram } from '../trace/trace.ts';
import { batchProgram, withBatch } from './batch-program.ts';
import { calledFromWithin, evaluateRule, isInOwnRule, recordRules } from './own-rule.ts';
import { flattenTensors, traceTree } from './trace-tree.ts';
import type { Arguments } from './types.ts';

/**
 * Operands: `[...f captures, ...fwd captures, ...bwd captures, ...args]`. There are no rules when one
 * of them made the call.
 */
interface CustomVjpParams {
  /** `[...f captures, ...args] -> results`. */
  readonly f: Program;
  /** `[...fwd captures, ...args] -> [...results, ...residuals]`. */
  readonly fwd: Program | null;
  /** `[...bwd captures, ...residuals, ...cotangents] -> cotangents of the args`. */
  readonly bwd: Program | null;
  readonly counts: readonly [f: number, fwd: number, bwd: number];
}

function split<T>(operands: readonly T[], { counts: [f, fwd, bwd] }: CustomVjpParams) {
  return {
    f: operands.slice(0, f),
    fwd: operands.slice(f, f + fwd),
    bwd: operands.slice(f + fwd, f + fwd + bwd),
    args: operands.slice(f + fwd + bwd),
  };
}

const customVjpOperation: Primitive = defineOperation({
  name: 'customVjp',
  typeOf: (_: readonly ValueType[], params: CustomVjpParams) =>
    params.f.outputs.map((output) => output.type),

  decompose: (operands: readonly Tensor[], params: CustomVjpParams) => {
    const parts = split(operands, params);
    return evaluateProgram(params.f, [...parts.f, ...parts.args]);
  },

  linearizeAll: (operands, params: CustomVjpParams, active): Linearized => {
    const parts = split(operands, params);
    const { f, fwd, bwd } = params;
    if (!fwd || !bwd) throw new TypeError(calledFromWithin('customVjp'));
    const count = f.outputs.length;
    const moves = split(active, params).args.includes(true);
    const rules: Rules = { fwd, bwd, captures: [parts.fwd, parts.bwd] };
    const all = applyRule(fwd, rules, [...parts.fwd, ...parts.args]);
    const residuals = all.slice(count);
    return {
      outputs: all.slice(0, count),
      active: f.outputs.map(() => moves),
      pushforward: (tangents) => {
        if (!moves) return f.outputs.map(() => null);
        const { args } = split(tangents, params);
        const moved = parts.args.map((x, i) => args[i] ?? zeros(typeOf(x)));
        return bind(pullbackOperation, [...parts.fwd, ...parts.bwd, ...residuals, ...moved], {
          fwd,
          bwd,
          counts: [parts.fwd.length, parts.bwd.length],
          args: moved.length,
          results: f.outputs.map((output) => denseType(output.type)),
        } satisfies PullbackParams);
      },
    };
  },

  vmap: (operands, batched, params: CustomVjpParams, size, running): Batched => {
    const mask = running ? [running] : [];
    const [f, fwd, bwd] = params.counts;
    const flags = split(batched, params);
    const parts = split(operands, params);
    const args = parts.args.map((x, i) => withBatch(x, flags.args[i] === true, size));
    const batch = (program: Program, consts: readonly boolean[]): Program => {
      const given = program.inputs.slice(consts.length).map(() => true);
      const every = program.outputs.map(() => true);
      return batchProgram(program, [...consts, ...given], size, every, mask.length > 0).program;
    };
    const own = params.fwd ? mask : [];
    const consts = [...mask, ...parts.f, ...own, ...parts.fwd, ...own, ...parts.bwd];
    const outputs = bind(customVjpOperation, [...consts, ...args], {
      f: batch(params.f, flags.f),
      fwd: params.fwd && batch(params.fwd, flags.fwd),
      bwd: params.bwd && batch(params.bwd, flags.bwd),
      counts: [f + mask.length, fwd + own.length, bwd + own.length],
    } satisfies CustomVjpParams);
    return { outputs, batched: outputs.map(() => true) };
  },
});

interface Rules {
  readonly fwd: Program;
  readonly bwd: Program;
  readonly captures: readonly [fwd: readonly Tensor[], bwd: readonly Tensor[]];
}

/** One of the rules applied to values; where it calls the function, with the same rules. */
function applyRule(
  rule: Program,
  { fwd, bwd, captures }: Rules,
  values: readonly Tensor[],
): readonly Tensor[] {
  return evaluateRule(rule, values, {
    operation: customVjpOperation,
    complete: (operands, params: CustomVjpParams) => {
      if (params.fwd) return null;
      const { f, args } = split(operands, params);
      const counts = [f.length, ...captures.map((part) => part.length)];
      return {
        operands: [...f, ...captures.flat(), ...args],
        params: { f: params.f, fwd, bwd, counts },
      };
    },
  });
}

/**
 * Operands: `[...fwd captures, ...bwd captures, ...residuals, ...tangents of the args]`; results:
 * tangents.
 */
interface PullbackParams {
  readonly fwd: Program;
  readonly bwd: Program;
  readonly counts: readonly [fwd: number, bwd: number];
  readonly args: number;
  readonly results: readonly TensorType[];
}

/** A linear map of which only the transpose is known. */
const pullbackOperation: Primitive = defineOperation({
  onlyTransposed: true,
  name: 'customVjp',
  typeOf: (_: readonly ValueType[], params: PullbackParams) => params.results,

  decompose: (): readonly Tensor[] => {
    throw new TypeError(
      'customVjp: the function has a rule for reverse mode only. Differentiate it with grad or vjp, or define it with customJvp, which serves both modes.',
    );
  },

  transpose: (cts, operands, { fwd, bwd, counts, args, results }: PullbackParams): void => {
    const start = operands.length - args;
    const known = operands.slice(0, start).filter((o): o is Tensor => !(o instanceof Cotangent));
    const captured = known.slice(0, counts[0]);
    const rest = known.slice(counts[0]);
    const rules: Rules = { fwd, bwd, captures: [captured, rest.slice(0, counts[1])] };
    const given = results.map((type, i) => cts[i] ?? zeros(type));
    const pulled = applyRule(bwd, rules, [...rest, ...given]);
    operands.slice(start).forEach((arg, i) => {
      const ct = pulled[i];
      if (arg instanceof Cotangent && ct) arg.add(ct);
    });
  },
});

/**
 * f with a derivative of your own for reverse mode: `fwd(...args)` gives `[y, residuals]`, and
 * `bwd(residuals, ct)` the list of cotangents of the arguments. Values that f closes over count as
 * constants, and the function has no forward mode. The rules may call the function itself.
 *
 * @throws TypeError when the rules' results do not have the structures and types they need.
 */
export function customVjp<A extends readonly unknown[], R, const S>(
  f: (...args: A) => R,
  rules: {
    readonly fwd: (...args: A) => readonly [y: R, residuals: S];
    readonly bwd: (residuals: S, ct: R) => readonly [...A];
  },
): (...args: Arguments<A>) => R {
  checkFunction('customVjp', 'the first argument', f);
  checkRules(rules);
  return (...args) => {
    const [leaves, argTree] = flattenTensors(args);
    const types = leaves.map((leaf) => leaf.type);
    const value = traceTree('customVjp', f, argTree, types);
    if (isInOwnRule(rules, types)) {
      const results = bind(customVjpOperation, [...value.captures, ...leaves], {
        f: value.program,
        fwd: null,
        bwd: null,
        counts: [value.captures.length, 0, 0],
      } satisfies CustomVjpParams);
      return unflatten<R>(value.result, results);
    }
    const fwd = recordRules(rules, types, () =>
      traceTree('customVjp fwd', rules.fwd, argTree, types),
    );
    const residualTree = fwd.result.kind === 'array' ? fwd.result.children[1] : undefined;
    const valueTypes = value.program.outputs.map((output) => output.type);
    const fwdTypes = fwd.program.outputs.map((output) => output.type);
    const pair: TreeDef | undefined = residualTree && {
      kind: 'array',
      children: [value.result, residualTree],
    };
    if (!pair || !sameTree(fwd.result, pair)) {
      throw new TypeError(
        `customVjp: fwd must return [y, residuals] with y in the structure ${formatTree(value.result)}; it returned ${formatTree(fwd.result)}.`,
      );
    }
    checkTypes('fwd gives a value', fwdTypes.slice(0, valueTypes.length), valueTypes);
    const bwd = recordRules(rules, types, () =>
      traceTree(
        'customVjp bwd',
        rules.bwd,
        { kind: 'array', children: [pair.children[1] ?? pair, value.result] },
        [...fwdTypes.slice(valueTypes.length), ...valueTypes],
      ),
    );
    if (!sameTree(bwd.result, argTree)) {
      throw new TypeError(
        `customVjp: bwd must return the list of cotangents ${formatTree(argTree)}; it returned ${formatTree(bwd.result)}.`,
      );
    }
    const ctTypes = bwd.program.outputs.map((output) => output.type);
    checkTypes('bwd gives a cotangent', ctTypes, types);
    const results = bind(
      customVjpOperation,
      [...value.captures, ...fwd.captures, ...bwd.captures, ...leaves],
      {
        f: value.program,
        fwd: fwd.program,
        bwd: bwd.program,
        counts: [value.captures.length, fwd.captures.length, bwd.captures.length],
      } satisfies CustomVjpParams,
    );
    return unflatten<R>(value.result, results);
  };
}

function denseType(type: ValueType): TensorType {
  if (type.kind === 'tensor') return type;
  throw new TypeError('customVjp: a result cannot be a stack of loop residuals.');
}

function checkTypes(
  what: string,
  given: readonly ValueType[],
  expected: readonly ValueType[],
): void {
  given.forEach((type, i) => {
    const like = expected[i];
    if (like && !sameType(type, like)) {
      throw new TypeError(
        `customVjp: ${what} of type ${formatType(type)} where ${formatType(like)} is needed.`,
      );
    }
  });
}

function checkRules(rules: unknown): void {
  if (typeof rules !== 'object' || rules === null || !('fwd' in rules) || !('bwd' in rules)) {
    throw new TypeError(
      `customVjp: the rules are an object of two functions, {fwd, bwd}; they are ${describeValue(rules)}.`,
    );
  }
  checkFunction('customVjp', 'fwd', rules.fwd);
  checkFunction('customVjp', 'bwd', rules.bwd);
}
