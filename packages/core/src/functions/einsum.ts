import { describeValue } from '../tensor/check.ts';
import type { TensorLike } from '../tensor/methods.ts';
import { formatShape, ShapeError } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { performOne } from '../trace/trace.ts';
import { eye } from './create.ts';
import { mul } from './elementwise.ts';
import { matmul } from './matmul.ts';
import { promote } from './promote.ts';
import { sum } from './reduce.ts';
import { reshape, squeeze, transpose } from './shape.ts';
import { convert } from './tensor.ts';

/** An operand with a letter for each axis. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/**
 * Sums of products in Einstein's notation: `einsum('ij,jk->ik', a, b)` is a matrix product. Letters
 * after the arrow are kept, in that order; all others are summed over. Without an arrow the letters
 * that occur once are kept, in alphabetical order. A letter that repeats in one operand takes its
 * diagonal. Three dots stand for any number of axes, which broadcast from the last one; they are kept
 * where the dots after the arrow say, and first without an arrow. Operands are contracted two at a
 * time, from the left.
 *
 * @throws ShapeError when letters do not fit the axes, or stand for different extents.
 */
export function einsum(subscripts: string, ...operands: readonly TensorLike[]): Tensor {
  if (typeof subscripts !== 'string') {
    throw new TypeError(
      `einsum: the first argument says which axes, such as 'ij,jk->ik'; it is ${describeValue(subscripts)}.`,
    );
  }
  const given = promote(
    'einsum',
    operands.map((x, i) => convert('einsum', `operand ${i}`, x)),
  );
  return performOne(einsum, given, { subscripts }, (...tensors) =>
    contraction(subscripts, tensors),
  );
}

function contraction(subscripts: string, given: readonly Tensor[]): Tensor {
  const [inputs = '', arrow] = subscripts.replaceAll(' ', '').split('->');
  const named = inputs.split(',').map((term, i) => withDots(term, given[i]?.ndim ?? 0));
  const { tensors, terms } = withoutStretched(given, named);
  const extents = extentsOf(subscripts, terms, tensors);
  const dots = [...new Set(named.flat().filter(isDot))].sort((a, b) => dotPlace(b) - dotPlace(a));
  const once = (letter: string): boolean => terms.flat().filter((l) => l === letter).length === 1;
  const kept = (): string[] => [...extents.keys()].filter((l) => !isDot(l) && once(l)).sort();
  const output = arrow === undefined ? [...dots, ...kept()] : withDots(arrow, 0, dots);
  if (arrow !== undefined && dots.length > 0 && !arrow.includes('...')) {
    throw new ShapeError(`einsum: '${subscripts}': the axes of ... must be kept after the arrow.`);
  }
  if (new Set(output).size !== output.length || output.some((letter) => !extents.has(letter))) {
    throw new ShapeError(
      `einsum: '${subscripts}': each letter after the arrow must occur before it, and once.`,
    );
  }
  const labelled = tensors.map((x, i) => diagonal({ x, labels: terms[i] ?? [] }));
  const result = labelled.reduce((left, right, i) => {
    const later = labelled.slice(i + 1).flatMap(({ labels }) => labels);
    return contract(left, right, new Set([...output, ...later]), extents);
  });
  return arrange(reduceTo(result, new Set(output)), output);
}

/** Labels of axes that dots stand for, by their place from the last one. */
const dotLabel = (place: number): string => `...${place}`;
const isDot = (label: string): boolean => label.startsWith('...');
const dotPlace = (label: string): number => Number(label.slice(3));

/** The letters of a term, with labels for the axes of its dots: those given, or as many as are left. */
function withDots(term: string, ndim: number, labels?: readonly string[]): string[] {
  const at = term.indexOf('...');
  if (at < 0) return [...term];
  const [before, after] = [[...term.slice(0, at)], [...term.slice(at + 3)]];
  const count = Math.max(0, ndim - before.length - after.length);
  const dots = labels ?? Array.from({ length: count }, (_, i) => dotLabel(count - 1 - i));
  return [...before, ...dots, ...after];
}

/** Operands without the axes of extent 1 that others stretch. */
function withoutStretched(
  tensors: readonly Tensor[],
  terms: readonly (readonly string[])[],
): { readonly tensors: readonly Tensor[]; readonly terms: readonly (readonly string[])[] } {
  const largest = new Map<string, number>();
  terms.forEach((labels, i) => {
    labels.forEach((label, axis) => {
      if (!isDot(label)) return;
      largest.set(label, Math.max(largest.get(label) ?? 1, tensors[i]?.shape[axis] ?? 1));
    });
  });
  const parts = tensors.map((x, i) => {
    const labels = terms[i] ?? [];
    const stretched = labels.flatMap((label, axis) =>
      isDot(label) && x.shape[axis] === 1 && largest.get(label) !== 1 ? [axis] : [],
    );
    return {
      x: stretched.length > 0 ? squeeze(x, stretched) : x,
      labels: labels.filter((_, axis) => !stretched.includes(axis)),
    };
  });
  return {
    tensors: parts.map(({ x }) => x),
    terms: [...parts.map(({ labels }) => labels), ...terms.slice(parts.length)],
  };
}

function extentsOf(
  subscripts: string,
  terms: readonly (readonly string[])[],
  tensors: readonly Tensor[],
): Map<string, number> {
  const extents = new Map<string, number>();
  const wrong = (what: string): never => {
    const shapes = tensors.map((x) => formatShape(x.shape)).join(', ');
    throw new ShapeError(`einsum: '${subscripts}' ${what}; the operands have shapes ${shapes}.`);
  };
  if (terms.length !== tensors.length) wrong(`names ${terms.length} operands`);
  terms.forEach((letters, i) => {
    const { shape } = tensors[i] ?? wrong('has an operand too many');
    if (letters.length !== shape.length) wrong(`gives operand ${i} ${letters.length} axes`);
    letters.forEach((letter, axis) => {
      if (!isDot(letter) && !/^[A-Za-z]$/.test(letter))
        wrong(`has '${letter}' where a letter is expected`);
      const extent = shape[axis] ?? 0;
      if ((extents.get(letter) ?? extent) !== extent) {
        wrong(`gives ${letter} the extents ${extents.get(letter)} and ${extent}`);
      }
      extents.set(letter, extent);
    });
  });
  return extents;
}

/** An operand without repeated letters. */
function diagonal({ x, labels }: Labelled): Labelled {
  const repeated = labels.findIndex((letter, i) => labels.indexOf(letter) < i);
  if (repeated < 0) return { x, labels };
  const first = labels.indexOf(labels[repeated] ?? '');
  const extent = x.shape[first] ?? 0;
  const mask = reshape(
    eye(extent, { dtype: x.dtype }),
    x.shape.map((_, axis) => (axis === first || axis === repeated ? extent : 1)),
  );
  const kept = sum(mul(x, mask), { axis: repeated });
  return diagonal({ x: kept, labels: labels.toSpliced(repeated, 1) });
}

/** Sums over the letters that nobody needs. */
function reduceTo({ x, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((letter, axis) => (needed.has(letter) ? [] : [axis]));
  return {
    x: axes.length > 0 ? sum(x, { axis: axes }) : x,
    labels: labels.filter((letter) => needed.has(letter)),
  };
}

function arrange({ x, labels }: Labelled, order: readonly string[]): Tensor {
  const perm = order.map((letter) => labels.indexOf(letter));
  return perm.every((axis, i) => axis === i) ? x : transpose(x, perm);
}

/**
 * The product of two operands as a batched matrix product, summed over what nobody needs; the letters
 * that are needed come in the order of the result.
 */
function contract(
  a: Labelled,
  b: Labelled,
  needed: ReadonlySet<string>,
  extents: ReadonlyMap<string, number>,
): Labelled {
  const inA = new Set(a.labels);
  const inB = new Set(b.labels);
  // Rows come first in the product: they are of the operand whose letters come first in the result.
  const first = [...needed].find((letter) => inA.has(letter) !== inB.has(letter));
  if (first !== undefined && inB.has(first)) return contract(b, a, needed, extents);
  const left = reduceTo(a, new Set([...needed, ...inB]));
  const right = reduceTo(b, new Set([...needed, ...inA]));
  const batch = left.labels.filter((l) => inB.has(l) && needed.has(l));
  const inner = left.labels.filter((l) => inB.has(l) && !needed.has(l));
  const rows = left.labels.filter((l) => !inB.has(l));
  const columns = right.labels.filter((l) => !inA.has(l));
  const size = (letters: readonly string[]): number =>
    letters.reduce((n, letter) => n * (extents.get(letter) ?? 1), 1);
  const product = matmul(
    reshape(arrange(left, [...batch, ...rows, ...inner]), [size(batch), size(rows), size(inner)]),
    reshape(arrange(right, [...batch, ...inner, ...columns]), [
      size(batch),
      size(inner),
      size(columns),
    ]),
  );
  const labels = [...batch, ...rows, ...columns];
  return {
    x: reshape(
      product,
      labels.map((letter) => extents.get(letter) ?? 1),
    ),
    labels,
  };
}
