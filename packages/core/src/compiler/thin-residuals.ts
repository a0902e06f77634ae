import { primitiveOf } from '../primitives/define.ts';
import type { ScanParams, WhileParams } from '../program/loops.ts';
import { type Atom, type Equation, newVar, type Program, type Var } from '../program/program.ts';
import { sizeOf } from '../tensor/shape.ts';
import { stackType, tensorType, type ValueType } from '../tensor/type.ts';
import { elementsFrom, isLoop, scanParams, whileParams } from './loop-equations.ts';
import { inliningCost, probe } from './probe.ts';

/** Equations that are computed again for one residual, at most. */
const coneLimit = 12;

/**
 * Fewer values from a loop to the loop that runs back over it. Of what a forward loop collects for
 * its derivative, much is index arithmetic and a sum or product away from one value; where several
 * residuals together are larger than that value, it is collected in their stead, and they are
 * computed again, by the same equations and so to the same bits, where they are read.
 */
export function thinResiduals(program: Program): Program {
  const equations = program.equations.map(thinInside);
  const readers = new Map<Var, Set<number>>();
  equations.forEach(({ inputs }, at) => {
    for (const input of inputs) {
      if (input.kind === 'literal') continue;
      const known = readers.get(input);
      if (known) known.add(at);
      else readers.set(input, new Set([at]));
    }
  });
  const returned = new Set<Atom>(program.outputs);
  const isScanned = (result: Var): boolean =>
    !returned.has(result) &&
    [...(readers.get(result) ?? [])].every((reader) => {
      const equation = equations[reader];
      return equation && !equation.inputs.slice(0, elementsFrom(equation)).includes(result);
    });
  const changes = new Map<number, Recomputed[]>();
  equations.forEach((equation, at) => {
    const loop = collectorOf(equation);
    if (loop === undefined) return;
    for (const { source, residuals } of groupsOf(loop, isScanned)) {
      const elements = collect(loop, source);
      for (const { result, cone } of residuals) {
        for (const reader of readers.get(result) ?? []) {
          const known = changes.get(reader) ?? [];
          known.push({ result, elements, source, cone, constants: loop.constants });
          changes.set(reader, known);
        }
      }
    }
    equations[at] = loop.rebuild();
  });
  for (const [reader, recomputed] of changes) {
    const scan = equations[reader];
    if (scan) equations[reader] = recompute(scan, recomputed);
  }
  return { ...program, equations };
}

/** The pass inside the bodies of a loop. */
function thinInside(equation: Equation): Equation {
  const scan = scanParams(equation);
  if (scan) {
    const params: ScanParams = { ...scan, body: thinResiduals(scan.body) };
    return { ...equation, params };
  }
  const loop = whileParams(equation);
  if (!loop) return equation;
  const params: WhileParams = { ...loop, body: thinResiduals(loop.body) };
  return { ...equation, params };
}

/** A loop that collects, with room for more. */
interface Collector {
  readonly body: Program;
  readonly makers: ReadonlyMap<Var, Equation>;
  /** Inputs of the body that are the same in each step, and their values outside. */
  readonly constants: ReadonlyMap<Var, Atom>;
  /** Inputs of the body that are elements of arrays. */
  readonly xs: ReadonlySet<Var>;
  /** Values of the body of which the elements are at hand, and the arrays that hold them. */
  readonly collected: Map<Atom, Var>;
  /** Type of the collection of values of a type. */
  collectionOf(element: ValueType): ValueType;
  rebuild(): Equation;
}

function collectorOf(equation: Equation): Collector | undefined {
  const scan = scanParams(equation);
  const loop = whileParams(equation);
  const params = scan ?? loop;
  if (!params || equation.outputs.length === 0) return undefined;
  const { body, carry } = params;
  const ys = body.outputs.slice(carry);
  if (ys.length === 0) return undefined;
  const results = equation.outputs.slice(loop ? carry + 1 : carry);
  const makers = new Map<Var, Equation>();
  for (const inner of body.equations) for (const v of inner.outputs) makers.set(v, inner);
  const collected = new Map<Atom, Var>();
  const xs = new Set<Var>();
  const from = elementsFrom(equation);
  equation.inputs.slice(from).forEach((x, i) => {
    const input = body.inputs[body.inputs.length - equation.inputs.length + from + i];
    if (!input || x.kind === 'literal') return;
    xs.add(input);
    collected.set(input, x);
  });
  ys.forEach((y, i) => {
    const result = results[i];
    if (result && !collected.has(y)) collected.set(y, result);
  });
  const before = collected.size;
  const constants = new Map<Var, Atom>();
  const firstConst = scan ? Number(scan.length === null) : (loop?.condConsts ?? 0);
  body.inputs.slice(0, scan ? scan.consts : loop?.bodyConsts).forEach((input, i) => {
    const value = equation.inputs[firstConst + i];
    if (value) constants.set(input, value);
  });
  const length = scan?.length ?? null;
  return {
    body,
    makers,
    constants,
    xs,
    collected,
    collectionOf: (element) =>
      length === null || element.kind === 'stack'
        ? stackType(element)
        : tensorType(element.dtype, [length, ...element.shape], element.weak),
    rebuild: () => {
      const added = [...collected].slice(before);
      const outputs = [...body.outputs, ...added.map(([value]) => value)];
      return {
        ...equation,
        params: { ...params, body: { ...body, outputs } } satisfies ScanParams | WhileParams,
        outputs: [...equation.outputs, ...added.map(([, result]) => result)],
      };
    },
  };
}

/** Equations that compute a residual from its source, in order. */
type Cone = readonly Equation[];

interface Group {
  readonly source: Var;
  readonly residuals: readonly { readonly result: Var; readonly value: Var; readonly cone: Cone }[];
}

/** Residuals by the one value that they are computed from, where collecting it takes less memory. */
function groupsOf(loop: Collector, isScanned: (result: Var) => boolean): Group[] {
  const positions = new Map(loop.body.equations.map((equation, i) => [equation, i]));
  const groups = new Map<Var, { result: Var; value: Var; cone: Cone }[]>();
  for (const [value, result] of loop.collected) {
    if (value.kind === 'literal' || !loop.makers.has(value) || !isScanned(result)) continue;
    const found = sourceOf(value, loop, positions);
    if (found === undefined) continue;
    const group = groups.get(found.source) ?? [];
    group.push({ result, value, cone: found.cone });
    groups.set(found.source, group);
  }
  const isWorthwhile = ({ source, residuals }: Group): boolean => {
    const saved = residuals.reduce((sum, { value }) => sum + elements(value), 0);
    return saved > (loop.collected.has(source) ? 0 : elements(source));
  };
  const all = [...groups].map(([source, residuals]): Group => ({ source, residuals }));
  const good = all.filter(isWorthwhile);
  // What others are computed from stays.
  const sources = new Set(good.map(({ source }) => source));
  return good
    .map(({ source, residuals }) => ({
      source,
      residuals: residuals.filter(({ value }) => !sources.has(value)),
    }))
    .filter(isWorthwhile);
}

/**
 * A value that, with constants, determines another through a few cheap equations: an element of the
 * loop's own xs, if there is one, since it need not be collected, or else the nearest value.
 */
function sourceOf(
  value: Var,
  { makers, constants, xs }: Collector,
  positions: ReadonlyMap<Equation, number>,
): { source: Var; cone: Cone } | undefined {
  const frontier = new Set<Var>([value]);
  const cone: Equation[] = [];
  let nearest: { source: Var; cone: Cone } | undefined;
  const positionOf = (v: Var): number => positions.get(makers.get(v) ?? unmade) ?? -1;
  while (cone.length < coneLimit) {
    const [last] = [...frontier].sort((a, b) => positionOf(b) - positionOf(a));
    const equation = last && makers.get(last);
    if (!last || !equation || !isCheap(equation)) break;
    cone.push(equation);
    frontier.delete(last);
    for (const input of equation.inputs) {
      if (input.kind === 'var' && !constants.has(input)) frontier.add(input);
    }
    const [source, ...more] = frontier;
    if (source && more.length === 0) {
      const found = { source, cone: cone.toReversed() };
      if (xs.has(source)) return found;
      nearest ??= found;
    }
  }
  return nearest;
}

const unmade: Equation = {
  operation: { name: 'none', typeOf: () => [] },
  inputs: [],
  params: {},
  outputs: [],
};

/** What may fail counts as well: it did not where it ran first. */
function isCheap(equation: Equation): boolean {
  if (isLoop(equation) || !primitiveOf(equation.operation).lower) return false;
  const cost = inliningCost(equation, probe(equation));
  return cost === 'view' || cost === 'cheap';
}

function elements({ type }: Var): number {
  return type.kind === 'tensor' ? sizeOf(type.shape) : Number.POSITIVE_INFINITY;
}

/** The result of a loop that holds a value of each step. */
function collect(loop: Collector, value: Var): Var {
  const known = loop.collected.get(value);
  if (known) return known;
  const result = newVar(loop.collectionOf(value.type));
  loop.collected.set(value, result);
  return result;
}

/** An operand of a scan of which the elements are computed again from those of another array. */
interface Recomputed {
  readonly result: Var;
  readonly elements: Var;
  readonly source: Var;
  readonly cone: Cone;
  readonly constants: ReadonlyMap<Var, Atom>;
}

/** A scan that computes elements of its xs instead of reading them. */
function recompute(equation: Equation, recomputed: readonly Recomputed[]): Equation {
  const params = scanParams(equation);
  if (params === undefined) throw new Error('Only scans read collected values.');
  const { body, consts, carry } = params;
  const first = elementsFrom(equation);
  const dropped = new Set<Atom>(recomputed.map(({ result }) => result));
  const xs: { operand: Atom; input: Var }[] = [];
  const old: { operand: Atom; input: Var }[] = [];
  body.inputs.slice(consts + carry).forEach((input, i) => {
    const operand = equation.inputs[first + i];
    if (operand) (dropped.has(operand) ? old : xs).push({ operand, input });
  });
  const inputOf = new Map<Atom, Var>();
  for (const { operand, input } of xs) if (!inputOf.has(operand)) inputOf.set(operand, input);
  const gained = new Map<Atom, Var>();
  const again: Equation[] = [];
  const values = new Map<Atom, Atom>();
  for (const { result, elements: array, source, cone, constants } of recomputed) {
    let element = inputOf.get(array);
    if (element === undefined) {
      element = newVar(source.type);
      inputOf.set(array, element);
      xs.push({ operand: array, input: element });
    }
    const given = new Map<Atom, Atom>([[source, element]]);
    const read = (atom: Atom): Atom => {
      const outside = atom.kind === 'var' ? constants.get(atom) : undefined;
      if (outside === undefined) return given.get(atom) ?? atom;
      if (outside.kind === 'literal') return outside;
      const input = gained.get(outside) ?? newVar(outside.type);
      gained.set(outside, input);
      return input;
    };
    for (const inner of cone) {
      const copy: Equation = {
        ...inner,
        inputs: inner.inputs.map(read),
        outputs: inner.outputs.map((output) => newVar(output.type)),
      };
      again.push(copy);
      inner.outputs.forEach((output, i) => {
        const fresh = copy.outputs[i];
        if (fresh) given.set(output, fresh);
      });
    }
    const value = again.at(-1)?.outputs[0];
    for (const { operand, input } of old) {
      if (operand === result && value) values.set(input, value);
    }
  }
  const replace = (atom: Atom): Atom => values.get(atom) ?? atom;
  const start = first - consts - carry;
  return {
    ...equation,
    inputs: [
      ...equation.inputs.slice(0, start),
      ...gained.keys(),
      ...equation.inputs.slice(start, first),
      ...xs.map(({ operand }) => operand),
    ],
    params: {
      ...params,
      consts: consts + gained.size,
      body: {
        inputs: [
          ...gained.values(),
          ...body.inputs.slice(0, consts + carry),
          ...xs.map(({ input }) => input),
        ],
        equations: [
          ...again,
          ...body.equations.map((inner) => ({ ...inner, inputs: inner.inputs.map(replace) })),
        ],
        outputs: body.outputs.map(replace),
      },
    } satisfies ScanParams,
  };
}
