/**
 * How the entries of a sparse Jacobian are computed: what depends on what, which columns or rows go
 * together in one derivative, and where each entry is found in the results.
 */

import { concatenate } from '../primitives/concatenate.ts';
import { zeros } from '../primitives/create.ts';
import { primitiveOf } from '../primitives/define.ts';
import { type ElementOperand, ElementSets, elementCount } from '../primitives/element-sets.ts';
import { scatterAdd, take } from '../primitives/take.ts';
import { type Program, subprograms } from '../program/program.ts';
import { integers } from '../tensor/dtype.ts';
import {
  longestRow,
  type Rows,
  type SparsityPattern,
  transposedRows,
} from '../tensor/sparsity-pattern.ts';
import { fromData, type Tensor } from '../tensor/tensor.ts';
import { type TensorType, tensorType } from '../tensor/type.ts';
import { evaluateProgram, type TracedProgram, trace } from '../trace/trace.ts';
import { type Colouring, colourColumns } from './colouring.ts';
import { compressedColumns, compressedRows } from './compressed-sweep.ts';
import { joinColumns, rowsOf } from './joined-entries.ts';
import type { LinearizedProgram } from './linearize-program.ts';
import { type Separated, separateMoves } from './moved-inputs.ts';
import { walkElements } from './walk-elements.ts';

/** A sparse Jacobian but for the point. */
export interface SparsePlan {
  readonly pattern: SparsityPattern;
  /** `[...inputs of the primal Program] -> values of the entries`, after its captures. */
  readonly evaluate: TracedProgram;
}

/** One way to get the entries. */
interface Compression {
  readonly colouring: Colouring;
  /** The compressed Jacobian, in the open trace. */
  compressed(residuals: readonly Tensor[]): Tensor;
  /** For each term, its place in there (-1 for a zero), and its entry in the pattern. */
  terms(): Terms;
}

interface Terms {
  readonly place: Int32Array;
  readonly entry: Int32Array;
}

/**
 * The plan for what `parts` computes, where its results depend on its variables. With a pattern
 * given, this is the pattern of the plan, and nothing else counts where the results depend on more.
 */
export function detectedPlan(
  parts: LinearizedProgram,
  inputs: readonly ElementOperand[],
  given?: SparsityPattern,
): SparsePlan {
  const primal = walkElements(parts.primal, inputs);
  const residuals = primal.slice(primal.length - parts.residuals);
  const separated = separateMoves(parts.linear, residuals);
  const sets = allResults(parts, separated);
  const { pattern, entry } = joinColumns(sets, separated.origin, variablesOf(parts));
  const byMoved = transposedRows(rowsOf(sets), separated.origin.length);
  const candidates = [
    ...byColumns(parts, pattern),
    ...byRows(parts, pattern),
    { least: longestRow(byMoved), make: () => bySeparated(parts, separated, sets, byMoved, entry) },
  ];
  const compression = fewestColours(candidates);
  if (!given) return planned(parts, pattern, compression);
  const places = placesIn(pattern, given);
  if (!places) return givenPlan(parts, given);
  const terms = (): Terms => {
    const { place, entry } = compression.terms();
    const inGiven = integers(entry.length);
    for (let k = 0; k < entry.length; k++) inGiven[k] = places[entry[k] ?? -1] ?? -1;
    return { place, entry: inGiven };
  };
  return planned(parts, given, { ...compression, terms });
}

/** The plan for a pattern that the caller knows. */
export function givenPlan(parts: LinearizedProgram, pattern: SparsityPattern): SparsePlan {
  const candidates = [...byColumns(parts, pattern), ...byRows(parts, pattern)];
  return planned(parts, pattern, fewestColours(candidates));
}

/** A way to get the entries, and the least number of colours that it could need. */
interface Candidate {
  readonly least: number;
  make(): Compression;
}

/** Colours as little as possible: a way that cannot be better than one at hand is left. */
function fewestColours(candidates: readonly Candidate[]): Compression {
  let best: Compression | undefined;
  for (const { least, make } of candidates.toSorted((a, b) => a.least - b.least)) {
    if (best && best.colouring.count <= least) break;
    const made = make();
    if (!best || made.colouring.count < best.colouring.count) best = made;
  }
  if (!best) throw new Error('unreachable');
  return best;
}

/** Forward mode, columns together; not for a function that has a rule for reverse mode only. */
function byColumns(parts: LinearizedProgram, pattern: SparsityPattern): Candidate[] {
  if (onlyTransposed(parts.linear)) return [];
  const make = (): Compression => {
    const colouring = colourColumns(pattern, transposedRows(pattern, pattern.shape[1]));
    return {
      colouring,
      compressed: (residuals) => compressedColumns(parts.linear, residuals, colouring),
      terms: () => {
        const at = movingRows(parts);
        const size = parts.linear.outputs.reduce((sum, { type }) => sum + elementCount(type), 0);
        const placeOf = (row: number, column: number): number =>
          (colouring.of[column] ?? 0) * size + (at[row] ?? 0);
        return termsOf(pattern, at, placeOf);
      },
    };
  };
  return [{ least: longestRow(pattern), make }];
}

function onlyTransposed({ equations }: Program): boolean {
  return equations.some(
    ({ operation, params }) =>
      primitiveOf(operation).onlyTransposed || subprograms(params).some(onlyTransposed),
  );
}

/** Reverse mode, rows together. */
function byRows(parts: LinearizedProgram, pattern: SparsityPattern): Candidate[] {
  const columns = pattern.shape[1];
  const byColumn = transposedRows(pattern, columns);
  const make = (): Compression => {
    const colouring = colourColumns(byColumn, pattern);
    const placeOf = (row: number, column: number): number =>
      (colouring.of[row] ?? 0) * columns + column;
    return {
      colouring,
      compressed: (residuals) =>
        compressedRows(parts.linear, residuals, movingColours(parts, colouring)),
      terms: () => termsOf(pattern, movingRows(parts), placeOf),
    };
  };
  return [{ least: longestRow(byColumn), make }];
}

/** Reverse mode up to where variables were moved to. */
function bySeparated(
  parts: LinearizedProgram,
  { program, origin }: Separated,
  sets: ElementSets,
  byMoved: Rows,
  entry: Int32Array,
): Compression {
  const rows = rowsOf(sets);
  const colouring = colourColumns(byMoved, rows);
  return {
    colouring,
    compressed: (residuals) => compressedRows(program, residuals, movingColours(parts, colouring)),
    terms: () => ({
      ...termsOf(
        rows,
        movingRows(parts),
        (row, moved) => (colouring.of[row] ?? 0) * origin.length + moved,
      ),
      entry,
    }),
  };
}

/** A term for each entry of the rows that have a tangent; the others are zero. */
function termsOf(
  { indptr, indices }: Rows,
  moving: Int32Array,
  placeOf: (row: number, column: number) => number,
): Terms {
  const place = integers(indices.length).fill(-1);
  const entry = integers(indices.length);
  for (let row = 0; row + 1 < indptr.length; row++) {
    if ((moving[row] ?? -1) < 0) continue;
    const to = indptr[row + 1] ?? 0;
    for (let k = indptr[row] ?? 0; k < to; k++) place[k] = placeOf(row, indices[k] ?? 0);
  }
  for (let k = 0; k < entry.length; k++) entry[k] = k;
  return { place, entry };
}

/** What each element of all results depends on, those without a tangent included. */
function allResults(parts: LinearizedProgram, { results }: Separated): ElementSets {
  let next = 0;
  return ElementSets.concat(
    parts.active.map((moves, i) => {
      const type = parts.primal.outputs[i]?.type;
      if (!type) throw new Error('A result is missing.');
      return (moves && results[next++]) || ElementSets.none(elementCount(type));
    }),
  );
}

/** For each row, its number among those with a tangent; -1 for one without. */
function movingRows({ active, primal }: LinearizedProgram): Int32Array {
  const sizes = active.map((_, i) => {
    const type = primal.outputs[i]?.type;
    return type ? elementCount(type) : 0;
  });
  const numbers = integers(sizes.reduce((sum, size) => sum + size, 0)).fill(-1);
  let [row, next] = [0, 0];
  sizes.forEach((size, i) => {
    const end = row + size;
    if (active[i]) for (let at = row; at < end; at++) numbers[at] = next++;
    row = end;
  });
  return numbers;
}

/** The colours of rows that have a tangent. */
function movingColours(parts: LinearizedProgram, { count, of }: Colouring): Colouring {
  const at = movingRows(parts);
  return { count, of: of.filter((_, row) => (at[row] ?? -1) >= 0) };
}

function variablesOf({ linear, residuals }: LinearizedProgram): number {
  return linear.inputs.slice(residuals).reduce((sum, { type }) => sum + elementCount(type), 0);
}

/** Where the entries of a pattern are in another one; undefined when one is not in there. */
function placesIn(pattern: SparsityPattern, whole: SparsityPattern): Int32Array | undefined {
  const places = integers(pattern.nnz);
  for (let row = 0; row < pattern.shape[0]; row++) {
    let at = whole.indptr[row] ?? 0;
    const end = whole.indptr[row + 1] ?? 0;
    const to = pattern.indptr[row + 1] ?? 0;
    for (let k = pattern.indptr[row] ?? 0; k < to; k++) {
      const column = pattern.indices[k] ?? 0;
      while (at < end && (whole.indices[at] ?? 0) < column) at++;
      if (at === end || whole.indices[at] !== column) return undefined;
      places[k] = at;
    }
  }
  return places;
}

function planned(
  parts: LinearizedProgram,
  pattern: SparsityPattern,
  compression: Compression,
): SparsePlan {
  const { primal, active } = parts;
  const evaluate = trace(
    primal.inputs.map(({ type }) => type),
    (...inputs) => {
      if (pattern.nnz === 0 || compression.colouring.count === 0) {
        return [zeros(tensorType(dtypeOf(parts.linear), [pattern.nnz]))];
      }
      const results = evaluateProgram(primal, inputs);
      const compressed = compression.compressed(results.slice(active.length));
      return [gatherTerms(compressed, compression.terms(), pattern.nnz)];
    },
    { name: 'sparseJacobian' },
  );
  return { pattern, evaluate };
}

/** The entries, each a sum of terms that are elements of a tensor. */
function gatherTerms(compressed: Tensor, { place, entry }: Terms, nnz: number): Tensor {
  const first = integers(nnz).fill(-1);
  const more: number[] = [];
  for (let k = 0; k < entry.length; k++) {
    const e = entry[k] ?? -1;
    if (e < 0) continue;
    if (first[e] === -1) first[e] = place[k] ?? -1;
    else more.push(k);
  }
  const firsts = takeOrZero(compressed, first);
  if (more.length === 0) return firsts;
  const pick = (from: Int32Array): Int32Array => Int32Array.from(more, (k) => from[k] ?? 0);
  const rest = take(compressed, positions(pick(place)), { batch: 0 });
  return scatterAdd(firsts, positions(pick(entry)), rest, { batch: 0 });
}

/** Elements of x, and zeros at places below 0. */
function takeOrZero(x: Tensor, places: Int32Array): Tensor {
  if (!places.some((place) => place < 0)) return take(x, positions(places), { batch: 0 });
  const end = x.shape[0] ?? 0;
  const padded = concatenate([x, zeros(tensorType(x.dtype, [1]))], { axis: 0 });
  const within = places.map((place) => (place < 0 ? end : place));
  return take(padded, positions(within), { batch: 0 });
}

function positions(at: Int32Array): Tensor {
  return fromData('int32', [at.length], at);
}

function dtypeOf({ outputs, inputs }: Program): TensorType['dtype'] {
  const type = (outputs[0] ?? inputs.at(-1))?.type;
  return type?.kind === 'tensor' ? type.dtype : 'float64';
}
