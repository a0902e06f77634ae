import {
  type Affine,
  affineAdd,
  affineLoop,
  affineRange,
  affineScale,
  affineZero,
  flattenIndex,
  type Index,
  sameAffine,
} from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import { type LowerContext, type Lowering, primitiveOf, type Read } from '../primitives/define.ts';
import type { NestBuilder } from '../primitives/nest-builder.ts';
import type { Equation, Params } from '../program/program.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import {
  type Box,
  boxSize,
  CutError,
  isBelow,
  positionsIn,
  visitBoxes,
  wholeBox,
} from './boxes.ts';
import { KnownFacts } from './known-facts.ts';
import { dense, isSmall, loopIndex, loopsOver, placeIndex } from './space.ts';

/**
 * Where an equation reads an operand: `aligned` at the element it computes, counted row by row,
 * `static` at a position that depends on nothing but that element, `dynamic` at one that data
 * decides.
 */
export type Access = 'aligned' | 'static' | 'dynamic';

/** What fusion needs to know about an equation, found by running its lowering on placeholders. */
export interface Probe {
  /** For each operand, the least regular of its reads. */
  readonly access: readonly Access[];
  /** For each operand, how many elements are read, repetitions included. */
  readonly reads: readonly number[];
  /** Whether straight-line code can stand for its loops. */
  readonly unrollable: boolean;
  /** Whether each element of its one result is written once, so that readers can join there. */
  readonly writesOnce: boolean;
  /** Whether its result consists of a few parts that are fused into readers like a `pull`. */
  readonly inParts: boolean;
  /** Whether it checks its data when it runs. */
  readonly mayFail: boolean;
}

export type AnyLowering = Lowering<number, Params>;
type Context = LowerContext<number, Params>;
type NestLowering = AnyLowering & { kind: 'nest' };
type PullAt = (AnyLowering & { kind: 'pull' })['at'];
type Facts = Omit<Probe, 'mayFail'>;

/** Evaluations of operands in straight-line code, at most. */
const unrollLimit = 40;
/** Iterations of a loop of which nothing is known. */
const unknownExtent = 16;
/** Parts of one result that is fused into its readers, at most. */
const partLimit = 6;
/** Results of more elements are updated in place when the update touches less than a quarter. */
const inPlaceSize = 256;

/** The kernel code of an operation; operations without it have been expanded before. */
export function loweringOf(equation: Equation): AnyLowering {
  const { lower } = primitiveOf(equation.operation);
  if (lower) return lower;
  throw new Error(`${equation.operation.name}: has no kernel code.`);
}

export function contextOf(equation: Equation, site: Context['site']): Context {
  return {
    params: equation.params,
    operands: equation.inputs.map((input) => dense(input.type)),
    results: equation.outputs.map((output) => dense(output.type)),
    site,
  };
}

const probes = new KnownFacts<Probe>();
const wholeProbes = new KnownFacts<Probe>();

/** `wholeOnly` is for results in parts that are not to be fused into readers. */
export function probe(equation: Equation, wholeOnly = false): Probe {
  return (wholeOnly ? wholeProbes : probes).of(equation, () => probeAnew(equation, wholeOnly));
}

function probeAnew(equation: Equation, wholeOnly: boolean): Probe {
  const lowering = loweringOf(equation);
  let mayFail = false;
  const context = contextOf(equation, () => {
    mayFail = true;
    return 0;
  });
  if (context.results.every(({ shape }) => sizeOf(shape) === 0)) {
    return {
      access: context.operands.map(() => 'dynamic'),
      reads: context.operands.map(() => 0),
      unrollable: true,
      writesOnce: false,
      inParts: false,
      mayFail,
    };
  }
  const facts =
    lowering.kind === 'pull'
      ? probePull(lowering.at, context)
      : ((wholeOnly ? undefined : probeParts(lowering, context)) ?? probeNest(lowering, context));
  return { ...facts, mayFail };
}

/** Records reads and gives placeholders for their values. */
class Recorder {
  readonly access: Access[];
  readonly counts: number[];
  readonly reads: readonly Read[];
  times = 1;
  /** The element of the result that is computed, counted row by row. */
  #element: Affine = affineZero;

  /** Reads can be aligned with a result of the given shape. */
  constructor(operands: Context['operands'], result?: Shape) {
    this.access = operands.map(() => (result === undefined ? 'static' : 'aligned'));
    this.counts = operands.map(() => 0);
    this.reads = operands.map(({ shape, dtype }, i) => {
      const alignable = result !== undefined && sizeOf(shape) === sizeOf(result);
      return (index) => {
        this.counts[i] = (this.counts[i] ?? 0) + this.times;
        if (!isStatic(index)) this.access[i] = 'dynamic';
        else if (this.access[i] === 'aligned') {
          const same = alignable && sameAffine(flattenIndex(index, shape), this.#element);
          if (!same) this.access[i] = 'static';
        }
        return placeholder(dtype);
      };
    });
  }

  /** Calls `body` with the index of the elements of a box. */
  visit(box: Box, shape: Shape, body: (index: Index) => void): void {
    const index = placeIndex(shape, positionsIn(box));
    this.#element = flattenIndex(index, shape);
    this.times = boxSize(box);
    body(index);
  }
}

function probePull(at: PullAt, context: Context): Facts {
  const shape = context.results[0]?.shape ?? [];
  const recorder = new Recorder(context.operands, shape);
  recorder.visit(wholeBox(shape), shape, (index) => at(recorder.reads, index, context));
  return {
    access: recorder.access,
    reads: recorder.counts,
    unrollable: isSmall(shape),
    writesOnce: true,
    inParts: false,
  };
}

/** The facts of a result in parts, unless there are too many, or an update in place is better. */
function probeParts(lowering: NestLowering, context: Context): Facts | undefined {
  const { piece, inPlace } = lowering;
  const shape = context.results[0]?.shape ?? [];
  if (!piece || context.results.length !== 1) return undefined;
  const whole = wholeBox(shape);
  const recorder = new Recorder(context.operands, shape);
  let given = true;
  try {
    visitBoxes(whole, partLimit, (box) => {
      const counts = [...recorder.counts];
      try {
        recorder.visit(box, shape, (index) => {
          given &&= piece(recorder.reads, index, context, isBelow) !== undefined;
        });
      } catch (error) {
        recorder.counts.splice(0, counts.length, ...counts);
        throw error;
      }
    });
  } catch (error) {
    if (error instanceof CutError) return undefined;
    throw error;
  }
  if (!given) return undefined;
  if (inPlace !== undefined && sizeOf(shape) > inPlaceSize) {
    const updated = recorder.counts.reduce((sum, n, i) => (i === inPlace ? sum : sum + n), 0);
    if (4 * updated < sizeOf(shape)) return undefined;
  }
  return {
    access: recorder.access,
    reads: recorder.counts,
    unrollable: isSmall(shape),
    writesOnce: true,
    inParts: true,
  };
}

function probeNest(lowering: NestLowering, context: Context): Facts {
  const recorder = new Recorder(context.operands);
  let unrollable = context.results.every(({ shape }) => isSmall(shape));
  let rewritten = lowering.inPlace !== undefined;
  let writes = 0;
  const inside = (shape: Shape, body: (index: Index) => void): void => {
    const before = recorder.times;
    recorder.times *= sizeOf(shape);
    if (recorder.times > 0) body(loopIndex(shape, loopsOver(shape)));
    recorder.times = before;
  };
  const staticOnly = (index: Index): void => {
    if (!isStatic(index)) unrollable = false;
  };
  const builder: NestBuilder = {
    forEach: inside,
    forEachInOrder: inside,
    sequential: (extent, body) => {
      unrollable = false;
      const before = recorder.times;
      recorder.times *= extent;
      body({ name: 'i', extent });
      recorder.times = before;
    },
    range: (from, to, body, _independent, about) => {
      unrollable = false;
      const [, extent] = affineRange(affineAdd(to, affineScale(from, -1))) ?? [];
      const before = recorder.times;
      recorder.times *= about ?? extent ?? unknownExtent;
      if (recorder.times > 0) body(affineAdd(from, affineLoop({ name: 'i', extent })));
      recorder.times = before;
    },
    reduce: (_, shape, value) => {
      let element: Expr | undefined;
      inside(shape, (index) => {
        element = value(index);
      });
      return placeholder(element?.type ?? context.results[0]?.dtype ?? 'float64');
    },
    write: (_, index) => {
      writes += 1;
      staticOnly(index);
      rewritten ||= !isStatic(index);
    },
    readResult: (result, index) => {
      rewritten = true;
      staticOnly(index);
      return placeholder(context.results[result]?.dtype ?? 'float64');
    },
    repeatWhile: (condition, body) => {
      unrollable = false;
      condition();
      body();
    },
    choose: (_, then, otherwise) => {
      unrollable = false;
      then();
      otherwise?.();
    },
    local: (type) => {
      unrollable = false;
      return { get: () => placeholder(type), set: () => {} };
    },
    scratch: (dtype) => {
      unrollable = false;
      rewritten = true;
      return { read: () => placeholder(dtype), write: () => {} };
    },
    emit: () => {
      unrollable = false;
      rewritten = true;
    },
  };
  lowering.emit(builder, recorder.reads, context);
  const total = recorder.counts.reduce((sum, count) => sum + count, 0);
  return {
    access: recorder.access,
    reads: recorder.counts,
    unrollable: unrollable && total <= unrollLimit,
    writesOnce: !rewritten && context.results.length === 1 && writes <= 2,
    inParts: false,
  };
}

function placeholder(type: Scalar): Expr {
  return { op: 'local', type, local: { name: 'placeholder', type } };
}

function isStatic(index: Index): boolean {
  return index.every(({ terms }) => terms.every(({ factor }) => dependsOnLoopsOnly(factor)));
}

function dependsOnLoopsOnly(expr: Expr): boolean {
  switch (expr.op) {
    case 'const':
    case 'loop':
      return true;
    case 'local':
    case 'load':
      return false;
    case 'index':
      return isStatic([expr.index]);
    case 'unary':
    case 'cast':
    case 'check':
      return dependsOnLoopsOnly(expr.x);
    case 'binary':
    case 'compare':
      return dependsOnLoopsOnly(expr.x) && dependsOnLoopsOnly(expr.y);
    case 'select':
      return [expr.condition, expr.x, expr.y].every(dependsOnLoopsOnly);
    case 'math':
    case 'bits':
      return expr.args.every(dependsOnLoopsOnly);
  }
}

/** What computing a value again for each reader costs; undefined when it has loops of its own. */
export function inliningCost(
  equation: Equation,
  { inParts }: Probe,
): 'view' | 'cheap' | 'math' | undefined {
  const lowering = loweringOf(equation);
  if (lowering.kind === 'pull') return lowering.cost;
  if (!inParts) return undefined;
  return lowering.inPlace === undefined ? 'view' : 'cheap';
}
