/**
 * Code for rows: of values such as `[100000, 3]` the last axes are so short that their elements live
 * in scalars, while a loop goes over the rows. Sums, products of matrices and the like along such
 * axes then need no loops of their own, and join the kernel of what they read and what reads them.
 * It pays where there are such operations: the elements of a row do not lie side by side in vectors.
 */

import { type Index, sameAffine } from '../kernel/affine.ts';
import type { Expr, Scalar } from '../kernel/expr.ts';
import type { Read } from '../primitives/define.ts';
import type { NestBuilder } from '../primitives/nest-builder.ts';
import type { Equation, Var } from '../program/program.ts';
import { type Shape, sizeOf } from '../tensor/shape.ts';
import { CutError, CutRequest, isBelow } from './boxes.ts';
import { KnownFacts } from './known-facts.ts';
import { isStep } from './loop-equations.ts';
import { contextOf, inliningCost, loweringOf, type Probe } from './probe.ts';
import {
  constantIndices,
  dense,
  isSmall,
  loopIndex,
  loopsOver,
  placeIndex,
  spaceKey,
} from './space.ts';

/** Elements of a row that are unrolled, at most, and rows, at least. */
const mostInner = 16;
const leastRows = 16;
/** The same for functions whose code is long, and reads of one equation. */
const mostLong = 4;
const mostReads = 64;

/**
 * The extents of the leading axes of a shape, over whose elements a loop goes, without those of 1;
 * undefined where there are few elements.
 */
function rowsOf(shape: Shape): Shape | undefined {
  let split = shape.length;
  let inner = 1;
  while (split > 0 && inner * (shape[split - 1] ?? 1) <= mostInner) inner *= shape[--split] ?? 1;
  const rows = shape.slice(0, split).filter((extent) => extent !== 1);
  return sizeOf(rows) >= leastRows ? rows : undefined;
}

/** The positions of the row `at` of a shape; undefined where its leading axes are not those rows. */
export function rowIndices(shape: Shape, rows: Shape, at: Index): Index[] | undefined {
  const split = splitAt(shape, rows);
  if (split === undefined) return undefined;
  const leading = placeIndex(shape.slice(0, split), at);
  return constantIndices(shape.slice(split)).map((inner) => [...leading, ...inner]);
}

function splitAt(shape: Shape, rows: Shape): number | undefined {
  const key = spaceKey(rows);
  for (let split = 0; split <= shape.length; split++) {
    if (spaceKey(shape.slice(0, split)) !== key) continue;
    return sizeOf(shape.slice(split)) <= mostInner ? split : undefined;
  }
  return undefined;
}

/** An equation that is computed row by row. */
export interface RowForm {
  readonly rows: Shape;
  /** Elements of the result in one row. */
  readonly inner: number;
  /** Which operands it reads in the same row alone. */
  readonly local: readonly boolean[];
}

/** Thrown where there are no rows; no error, since nobody reads its stack. */
class NoRows {}

const forms = new KnownFacts<RowForm | undefined>();

/** How an equation is computed row by row, where it can be. */
function rowForm(equation: Equation, facts: Probe): RowForm | undefined {
  // Each element that a nest writes depends on its checks; those of a pull are each its own.
  if (equation.outputs.length !== 1) return undefined;
  if (facts.mayFail && loweringOf(equation).kind === 'pull') return undefined;
  return forms.of(equation, () => rowFormAnew(equation, facts));
}

function rowFormAnew(equation: Equation, facts: Probe): RowForm | undefined {
  const [output] = equation.outputs;
  if (!output) return undefined;
  const { shape } = dense(output.type);
  const rows = rowsOf(shape);
  if (rows === undefined || isSmall(shape)) return undefined;
  const loops = loopsOver(rows);
  const at = loopIndex(rows, loops);
  const inner = rowIndices(shape, rows, at);
  if (inner === undefined) return undefined;
  if (inner.length > mostLong && inliningCost(equation, facts) === 'math') return undefined;
  const recorder = new RowRecorder(equation, rows, at);
  try {
    recorder.run(inner);
  } catch (error) {
    const isOther =
      error instanceof NoRows || error instanceof CutRequest || error instanceof CutError;
    if (isOther) return undefined;
    throw error;
  }
  return { rows, inner: inner.length, local: recorder.local };
}

/** Runs the lowering of an equation for one row. */
class RowRecorder {
  readonly local: boolean[];
  readonly #equation: Equation;
  readonly #rows: Shape;
  readonly #at: Index;
  #reads = 0;

  constructor(equation: Equation, rows: Shape, at: Index) {
    this.#equation = equation;
    this.#rows = rows;
    this.#at = at;
    this.local = equation.inputs.map((input) => input.kind === 'var');
  }

  run(inner: readonly Index[]): void {
    const lowering = loweringOf(this.#equation);
    const context = contextOf(this.#equation, () => 0);
    const reads = this.#equation.inputs.map((_, i) => this.#read(i));
    if (lowering.kind === 'pull') {
      for (const index of inner) lowering.at(reads, index, context);
    } else if (lowering.piece) {
      for (const index of inner) {
        if (lowering.piece(reads, index, context, isBelow) === undefined) throw new NoRows();
      }
    } else if (lowering.inPlace === undefined) {
      lowering.emit(this.#builder(), reads, context);
    } else {
      throw new NoRows();
    }
  }

  #read(i: number): Read {
    const { dtype, shape } = dense(this.#equation.inputs[i]?.type ?? noOperand());
    return (index) => {
      this.#reads += 1;
      if (this.#reads > mostReads) throw new NoRows();
      if (!isInRow(index, shape, this.#rows, this.#at)) this.local[i] = false;
      return placeholder(dtype);
    };
  }

  #builder(): NestBuilder {
    const refuse = (): never => {
      throw new NoRows();
    };
    const forEach: NestBuilder['forEach'] = (shape, body) => {
      const indices = rowIndices(shape, this.#rows, this.#at);
      if (!indices) throw new NoRows();
      for (const index of indices) body(index);
    };
    return {
      forEach,
      forEachInOrder: refuse,
      reduce: (_, shape, value, order) => {
        if (order !== undefined || sizeOf(shape) > mostInner) throw new NoRows();
        const [first] = constantIndices(shape).map(value);
        return first ?? placeholder(dense(this.#equation.outputs[0]?.type ?? noOperand()).dtype);
      },
      write: (_, index) => {
        const { shape } = dense(this.#equation.outputs[0]?.type ?? noOperand());
        if (!isInRow(index, shape, this.#rows, this.#at)) throw new NoRows();
      },
      readResult: refuse,
      sequential: refuse,
      range: refuse,
      repeatWhile: refuse,
      choose: refuse,
      scratch: refuse,
      local: refuse,
      emit: refuse,
    };
  }
}

function noOperand(): never {
  throw new Error('unreachable');
}

function placeholder(type: Scalar): Expr {
  return { op: 'local', type, local: { name: 'placeholder', type } };
}

/** Whether a position lies in a row: its place among the rows, and constants behind it. */
function isInRow(index: Index, shape: Shape, rows: Shape, at: Index): boolean {
  const split = splitAt(shape, rows);
  if (split === undefined) return false;
  const places = placeIndex(shape.slice(0, split), at);
  return index.every((position, axis) => {
    const place = places[axis];
    return place ? sameAffine(position, place) : position.terms.length === 0;
  });
}

/**
 * The equations that are computed row by row: operations along short axes, and with them what only
 * moves or combines the elements of the same rows.
 */
export function chooseRows(
  equations: readonly Equation[],
  probeOf: (equation: Equation) => Probe | undefined,
): ReadonlyMap<Equation, RowForm> {
  const forms = new Map<Equation, RowForm | undefined>();
  const formOf = (equation: Equation): RowForm | undefined => {
    if (!forms.has(equation)) {
      const facts = isStep(equation) ? undefined : probeOf(equation);
      forms.set(equation, facts && rowForm(equation, facts));
    }
    return forms.get(equation);
  };
  const chosen = new Map<Equation, RowForm>();
  const isSeed = (equation: Equation): boolean =>
    !isStep(equation) &&
    loweringOf(equation).kind === 'nest' &&
    formOf(equation)?.local.some(Boolean) === true;
  for (const equation of equations) {
    const form = isSeed(equation) ? formOf(equation) : undefined;
    if (form) chosen.set(equation, form);
  }
  if (chosen.size === 0) return chosen;
  const makers = new Map<Var, Equation>();
  for (const equation of equations) for (const v of equation.outputs) makers.set(v, equation);
  const join = (equation: Equation, other: Equation): void => {
    const [form, known] = [formOf(equation), chosen.get(other)];
    if (form && known && spaceKey(form.rows) === spaceKey(known.rows)) chosen.set(equation, form);
  };
  for (let before = 0; before < chosen.size; ) {
    before = chosen.size;
    for (const equation of equations) {
      equation.inputs.forEach((input, i) => {
        const maker = input.kind === 'var' ? makers.get(input) : undefined;
        if (!maker || chosen.has(equation) || !chosen.has(maker)) return;
        if (formOf(equation)?.local[i]) join(equation, maker);
      });
    }
    for (const equation of equations.toReversed()) {
      const form = chosen.get(equation);
      equation.inputs.forEach((input, i) => {
        const maker = input.kind === 'var' ? makers.get(input) : undefined;
        if (maker && form?.local[i] && !chosen.has(maker)) join(maker, equation);
      });
    }
  }
  return chosen;
}
