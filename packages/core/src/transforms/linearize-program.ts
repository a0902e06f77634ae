/**
 * Linearize: run a Program and, from the same pass, get the linear map of its tangents.
 *
 * Each primitive gives its result together with closures that push tangents forward. The closures
 * are called later, in a trace of their own; what they use from the first pass becomes an input of
 * that trace, and these inputs are the residuals. Nothing else is saved.
 */

import { add } from '../primitives/arithmetic.ts';
import { zeros } from '../primitives/create.ts';
import { type Linearized, type Primitive, primitiveOf } from '../primitives/define.ts';
import type { Atom, Equation, Params, Program, Var } from '../program/program.ts';
import { isFloat } from '../tensor/dtype.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import type { ValueType } from '../tensor/type.ts';
import { bind, Environment, fromSourceOf, type TracedProgram, trace } from '../trace/trace.ts';

type Tangent = Tensor | null;

/** Evaluates a Program in the open trace and prepares its pushforward. */
export function linearizeInto(
  program: Program,
  inputs: readonly Tensor[],
  active: readonly boolean[],
): Linearized {
  const environment = new Environment();
  environment.define(program.inputs, inputs);
  const moving = new Set<Var>(program.inputs.filter((_, i) => active[i]));
  const isMoving = (atom: Atom): boolean => atom.kind === 'var' && moving.has(atom);
  const steps: { equation: Equation; linear: Linearized }[] = [];

  for (const equation of program.equations) {
    const { operation, inputs: atoms, params, outputs } = equation;
    const operands = atoms.map((atom) => environment.read(atom));
    if (!atoms.some(isMoving)) {
      environment.define(
        outputs,
        fromSourceOf(equation, () => bind(operation, operands, params)),
      );
      continue;
    }
    const linear = fromSourceOf(
      equation,
      () => linearizeEquation(primitiveOf(operation), operands, params, atoms.map(isMoving)),
      'linearize',
    );
    environment.define(outputs, linear.outputs);
    outputs.forEach((output, i) => {
      if (linear.active[i]) moving.add(output);
    });
    steps.push({ equation, linear });
  }

  return {
    outputs: program.outputs.map((output) => environment.read(output)),
    active: program.outputs.map(isMoving),
    pushforward: (tangents) => {
      const known = new Map<Var, Tangent>();
      program.inputs.forEach((input, i) => {
        known.set(input, (active[i] && tangents[i]) || null);
      });
      const read = (atom: Atom): Tangent =>
        (atom.kind === 'var' && isMoving(atom) && known.get(atom)) || null;
      for (const { equation, linear } of steps) {
        const given = equation.inputs.map(read);
        // What does not move moves nothing.
        if (given.every((tangent) => tangent === null)) continue;
        const results = fromSourceOf(equation, () => linear.pushforward(given), 'derivative');
        equation.outputs.forEach((output, i) => {
          known.set(output, results[i] ?? null);
        });
      }
      return program.outputs.map(read);
    },
  };
}

function linearizeEquation(
  primitive: Primitive,
  operands: readonly Tensor[],
  params: Params,
  active: readonly boolean[],
): Linearized {
  if (primitive.linearizeAll) return primitive.linearizeAll(operands, params, active);
  if (primitive.linearize) {
    const [output, ...maps] = primitive.linearize(operands, params);
    return {
      outputs: [output],
      active: [maps.some((map, i) => map && active[i])],
      pushforward: (tangents) => [
        tangents.reduce<Tangent>((sum, tangent, i) => {
          const map = maps[i];
          if (!tangent || !map) return sum;
          return sum ? add(sum, map(tangent)) : map(tangent);
        }, null),
      ],
    };
  }
  if (primitive.linear)
    return linearizeLinear(primitive, primitive.linear, operands, params, active);
  if (primitive.decompose) {
    const types = operands.map((operand) => operand.type);
    const { program, captures } = decomposition(primitive, types, params);
    const linear = linearizeInto(
      program,
      [...captures, ...operands],
      [...captures.map(() => false), ...active],
    );
    const still = captures.map(() => null);
    return { ...linear, pushforward: (tangents) => linear.pushforward([...still, ...tangents]) };
  }
  throw new Error(
    `${primitive.name} has no derivative: give its primitive \`linearize\`, or \`linear\` and \`transpose\`, or \`decompose\`.`,
  );
}

/** A linear primitive is its own pushforward. */
function linearizeLinear(
  primitive: Primitive,
  linear: NonNullable<Primitive['linear']>,
  operands: readonly Tensor[],
  params: Params,
  active: readonly boolean[],
): Linearized {
  const inLinear = (i: number): boolean => linear.in === 'all' || linear.in.includes(i);
  const push = (tangents: readonly Tangent[]): Tangent => {
    if (linear.as === 'together') {
      if (!tangents.some((tangent, i) => tangent && inLinear(i))) return null;
      const moved = operands.map((x, i) => (inLinear(i) ? (tangents[i] ?? zeros(typeOf(x))) : x));
      return bind(primitive, moved, params)[0] ?? null;
    }
    return tangents.reduce<Tangent>((sum, tangent, i) => {
      if (!tangent || !inLinear(i)) return sum;
      const [term] = bind(primitive, operands.with(i, tangent), params);
      return sum && term ? add(sum, term) : (term ?? null);
    }, null);
  };
  const outputs = bind(primitive, operands, params);
  return {
    outputs,
    active: [
      active.some((a, i) => a && inLinear(i)) && outputs.every((output) => isFloat(output.dtype)),
    ],
    pushforward: (tangents) => [push(tangents)],
  };
}

/** The Program of a primitive that is defined by others. */
export function decomposition(
  primitive: Primitive,
  types: readonly ValueType[],
  params: Params,
): TracedProgram {
  return trace(
    types,
    (...inputs) => {
      const results = primitive.decompose?.(inputs, params);
      if (results) return results;
      throw new Error(`${primitive.name} has no rule for this transform and no \`decompose\`.`);
    },
    { name: primitive.name },
  );
}

/** A Program split in two: the first computes results and residuals, the second is linear. */
export interface LinearizedProgram {
  /** `[...captures, ...inputs] -> [...outputs, ...residuals]`. */
  readonly primal: Program;
  readonly captures: readonly Tensor[];
  /** `[...residuals, ...tangents of active inputs] -> tangents of active outputs`. */
  readonly linear: Program;
  /** Number of residuals. */
  readonly residuals: number;
  /** Which outputs have a tangent. */
  readonly active: readonly boolean[];
}

/**
 * Splits a Program into its primal part and the linear map of its tangents. Outputs of `instantiate`
 * count as active even where their tangent is zero, which `zero` then makes.
 */
export function linearizeProgram(
  program: Program,
  active: readonly boolean[],
  instantiate: readonly boolean[] = [],
  zero: (type: ValueType) => Tensor = zerosFor,
): LinearizedProgram {
  let linear: Program | undefined;
  let residuals = 0;
  let activeOutputs: readonly boolean[] = [];
  const { program: primal, captures } = trace(
    program.inputs.map((input) => input.type),
    (...inputs) => {
      const linearized = linearizeInto(program, inputs, active);
      activeOutputs = linearized.active.map((a, i) => a || instantiate[i] === true);
      const map = traceTangents(program, active, { ...linearized, active: activeOutputs }, zero);
      linear = map.program;
      residuals = map.captures.length;
      return [...linearized.outputs, ...map.captures];
    },
    { name: 'linearize' },
  );
  if (linear === undefined) throw new Error('linearize: nothing was recorded.');
  return { primal, captures, linear, residuals, active: activeOutputs };
}

/** The linear Program of a pushforward; its captures are the residuals. */
function traceTangents(
  program: Program,
  active: readonly boolean[],
  { outputs, active: activeOutputs, pushforward }: Linearized,
  zero: (type: ValueType) => Tensor,
): TracedProgram {
  const types = program.inputs.map((input) => input.type);
  return trace(
    types.filter((_, i) => active[i]),
    (...tangents) => {
      let next = 0;
      const all = types.map((_, i): Tangent => (active[i] ? (tangents[next++] ?? null) : null));
      const results = pushforward(all);
      return outputs.flatMap((output, i) =>
        activeOutputs[i] ? [results[i] ?? zero(output.type)] : [],
      );
    },
    { name: 'linearize' },
  );
}

function zerosFor(type: ValueType): Tensor {
  if (type.kind === 'tensor') return zeros(type);
  throw new TypeError('A stack has no dense tangent.');
}
