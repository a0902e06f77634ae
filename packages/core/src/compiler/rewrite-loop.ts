import { type BroadcastParams, broadcast } from '../primitives/broadcast.ts';
import { iota } from '../primitives/create.ts';
import { hasEffect } from '../program/effects.ts';
import type { ScanParams, SwitchParams, WhileParams } from '../program/loops.ts';
import type { Atom, Equation, Params, Program, Var } from '../program/program.ts';
import type { TensorType } from '../tensor/type.ts';
import { type Hoisted, hoist } from './hoist.ts';
import { scanParams, switchParams, whileParams } from './loop-equations.ts';
import type { Rewriter } from './rewrite.ts';

/**
 * A loop with its body rewritten. What is the same in each step leaves the loop: literals become
 * part of the body, carries that never change and repeated xs become constants, equations of
 * constants move out, and ys that do not change are made outside.
 */
export function rewriteLoop(r: Rewriter, equation: Equation): readonly Atom[] {
  const scan = scanParams(equation);
  if (scan) return rewriteScan(r, equation, scan);
  const loop = whileParams(equation);
  if (loop) return rewriteWhile(r, equation, loop);
  const choice = switchParams(equation);
  if (choice) return rewriteSwitch(r, equation, choice);
  throw new Error(`${equation.operation.name} is not a loop.`);
}

/** Which values from outside the inputs of a body stand for, while it is rewritten. */
class Inputs {
  /** Inputs that stand for constants, and their values outside. */
  readonly constants = new Map<Var, Atom>();
  readonly #byValue = new Map<Atom, Var>();
  readonly #outer: Rewriter;
  readonly #inner: Rewriter;

  constructor(outer: Rewriter, inner: Rewriter) {
    this.#outer = outer;
    this.#inner = inner;
  }

  /**
   * What reads of a constant of the body become; what is repeated or counted outside is so inside,
   * where it need not be stored.
   */
  constant(input: Var, value: Atom): Atom {
    const counted = this.#outer.madeBy(value, iota);
    if (counted) return this.#inner.applyOne(iota, [], counted.params);
    const equation = this.#outer.madeBy(value, broadcast);
    const [source] = equation?.inputs ?? [];
    if (!equation || !source) return this.#plain(input, value);
    const inside = this.#plain({ kind: 'var', type: source.type }, source);
    return this.#inner.applyOne(broadcast, [inside], equation.params);
  }

  #plain(input: Var, value: Atom): Atom {
    if (value.kind === 'literal') return value;
    const known = this.#byValue.get(value);
    if (known) return known;
    this.#byValue.set(value, input);
    this.constants.set(input, value);
    return input;
  }
}

function rewriteScan(r: Rewriter, equation: Equation, params: ScanParams): readonly Atom[] {
  const { body, consts, carry, length } = params;
  const first = Number(length === null);
  const operands = equation.inputs.slice(first);
  const inner = r.inside();
  const inputs = new Inputs(r, inner);
  const kept: { input: Var; operand: Atom }[] = [];
  const xOperands = new Map<Atom, Var>();
  const isFixed = (i: number): boolean => body.outputs[i] === body.inputs[consts + i];

  const given = body.inputs.map((input, i): Atom => {
    const operand = operands[i];
    if (operand === undefined) throw new Error('A scan has fewer operands than inputs.');
    if (i < consts) return inputs.constant(input, operand);
    if (i < consts + carry) {
      return isFixed(i - consts) ? inputs.constant(input, operand) : input;
    }
    const repeated = repeatedElement(r, operand);
    if (repeated) {
      const source = inputs.constant(repeated.variable, repeated.source);
      return inner.applyOne(broadcast, [source], repeated.params);
    }
    const known = xOperands.get(operand);
    if (known) return known;
    xOperands.set(operand, input);
    kept.push({ input, operand });
    return input;
  });
  const outputs = inner.inline(body, given);
  const runs = length !== null && length > 0;
  const hoisted = hoist(r, inner.equations, inputs.constants, outputs, runs);

  const results = new Map<number, Atom>();
  const carries: number[] = [];
  for (let i = 0; i < carry; i++) {
    const start = operands[consts + i];
    if (isFixed(i) && start) results.set(i, start);
    else carries.push(i);
  }
  const ys: number[] = [];
  outputs.slice(carry).forEach((output, k) => {
    const i = carry + k;
    const x = kept.find(({ input }) => input === output);
    const type = equation.outputs[i]?.type;
    if (x) results.set(i, x.operand);
    else {
      const same = type?.kind === 'tensor' ? hoisted.outside(output) : undefined;
      if (same && type?.kind === 'tensor') results.set(i, repeat(r, same, type));
      else ys.push(i);
    }
  });

  const keptOutputs = [...carries, ...ys];
  const constants = [...inputs.constants, ...hoisted.gained];
  const program: Program = {
    inputs: [
      ...constants.map(([input]) => input),
      ...carries.flatMap((i) => body.inputs[consts + i] ?? []),
      ...kept.map(({ input }) => input),
    ],
    equations: hoisted.equations,
    outputs: keptOutputs.flatMap((i) => outputs[i] ?? []),
  };
  const atoms = [
    ...equation.inputs.slice(0, first),
    ...constants.map(([, value]) => value),
    ...carries.flatMap((i) => operands[consts + i] ?? []),
    ...kept.map(({ operand }) => operand),
  ];
  if (keptOutputs.length > 0 || program.equations.some(hasEffect)) {
    const vars = keptOutputs.flatMap((i) => equation.outputs[i] ?? []);
    const next: ScanParams = {
      ...params,
      body: program,
      consts: constants.length,
      carry: carries.length,
    };
    r.append({ ...equation, inputs: atoms, params: next, outputs: vars });
  }
  return equation.outputs.map((output, i) => results.get(i) ?? output);
}

function rewriteWhile(r: Rewriter, equation: Equation, params: WhileParams): readonly Atom[] {
  const { cond, body, condConsts, bodyConsts, carry, maxSteps } = params;
  const operands = equation.inputs;
  const start = condConsts + bodyConsts;
  // A loop that may fail stays, even where its carry never changes.
  const isFixed = (i: number): boolean =>
    maxSteps === null && body.outputs[i] === body.inputs[bodyConsts + i];
  const carries = Array.from({ length: carry }, (_, i) => i).filter((i) => !isFixed(i));
  const rewriteOne = (
    program: Program,
    consts: readonly Atom[],
  ): { outputs: Atom[]; constants: [Var, Atom][]; hoisted: Hoisted } => {
    const inner = r.inside();
    const inputs = new Inputs(r, inner);
    const given = program.inputs.map((input, i): Atom => {
      const value = consts[i] ?? operands[start + i - consts.length];
      if (value === undefined) throw new Error('A while has fewer operands than inputs.');
      return i < consts.length || isFixed(i - consts.length)
        ? inputs.constant(input, value)
        : input;
    });
    const outputs = inner.inline(program, given);
    const hoisted = hoist(r, inner.equations, inputs.constants, outputs, false);
    return { outputs, constants: [...inputs.constants, ...hoisted.gained], hoisted };
  };
  const test = rewriteOne(cond, operands.slice(0, condConsts));
  const step = rewriteOne(body, operands.slice(condConsts, start));
  const carried = (program: Program, consts: number): Var[] =>
    carries.flatMap((i) => program.inputs[consts + i] ?? []);
  const kept = [...carries, ...body.outputs.slice(carry).map((_, i) => carry + i)];
  const next: WhileParams = {
    ...params,
    cond: {
      inputs: [...test.constants.map(([input]) => input), ...carried(cond, condConsts)],
      equations: test.hoisted.equations,
      outputs: test.outputs,
    },
    body: {
      inputs: [...step.constants.map(([input]) => input), ...carried(body, bodyConsts)],
      equations: step.hoisted.equations,
      outputs: kept.flatMap((i) => step.outputs[i] ?? []),
    },
    condConsts: test.constants.length,
    bodyConsts: step.constants.length,
    carry: carries.length,
  };
  r.append({
    ...equation,
    inputs: [
      ...[...test.constants, ...step.constants].map(([, value]) => value),
      ...carries.flatMap((i) => operands[start + i] ?? []),
    ],
    params: next,
    outputs: equation.outputs.filter((_, i) => i >= carry || !isFixed(i)),
  });
  return equation.outputs.map((output, i) => {
    const fixed = i < carry && isFixed(i) ? operands[start + i] : undefined;
    return fixed ?? output;
  });
}

/** The branch that a literal names, or all of them rewritten, with literals as part of them. */
function rewriteSwitch(r: Rewriter, equation: Equation, { branches }: SwitchParams) {
  const [index, ...args] = equation.inputs;
  if (index?.kind === 'literal') {
    const chosen = branches[Math.min(Math.max(index.value, 0), branches.length - 1)];
    if (chosen) return r.inline(chosen, args);
  }
  const rewritten = branches.map((branch): Program => {
    const inner = r.inside();
    const given = branch.inputs.map((input, i): Atom => {
      const arg = args[i];
      return arg?.kind === 'literal' ? arg : input;
    });
    const outputs = inner.inline(branch, given);
    return { inputs: branch.inputs, equations: inner.equations, outputs };
  });
  return r.append({ ...equation, params: { branches: rewritten } satisfies SwitchParams });
}

/** The element of xs that are one tensor repeated along the leading axis. */
function repeatedElement(
  r: Rewriter,
  operand: Atom,
): { variable: Var; source: Atom; params: BroadcastParams } | undefined {
  const equation = r.madeBy(operand, broadcast);
  const [source] = equation?.inputs ?? [];
  if (!equation || !source || !isBroadcast(equation.params)) return undefined;
  const { shape, axes } = equation.params;
  if (axes.includes(0)) return undefined;
  return {
    variable: { kind: 'var', type: source.type },
    source,
    params: { shape: shape.slice(1), axes: axes.map((axis) => axis - 1) },
  };
}

/** A tensor repeated along a new leading axis. */
function repeat(r: Rewriter, element: Atom, { shape }: TensorType): Atom {
  return r.applyOne(broadcast, [element], { shape, axes: shape.slice(1).map((_, i) => i + 1) });
}

function isBroadcast(params: Params): params is BroadcastParams {
  return 'axes' in params && 'shape' in params;
}
