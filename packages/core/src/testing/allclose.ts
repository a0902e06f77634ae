import { tensor } from '../functions/tensor.ts';
import { formatTree, leafPaths, sameTree } from '../program/tree.ts';
import { checkOptions, checkTolerance } from '../tensor/check.ts';
import { isFloat } from '../tensor/dtype.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { flattenTensors } from '../transforms/trace-tree.ts';

/** Options of `allclose` and `toBeAllclose`. */
export interface AllcloseOptions {
  /** Difference allowed in relation to the expected element; 1e-9, or 1e-5 where one is float32. */
  readonly rtol?: number;
  /** Difference allowed besides; 1e-12, or 1e-6 where one is float32. */
  readonly atol?: number;
  /** Whether NaN agrees with NaN; false when left out. */
  readonly equalNan?: boolean;
}

/**
 * Whether two trees have the same structure and shapes and all elements satisfy
 * `|a - b| <= atol + rtol |b|`. Leaves are tensors, numbers, typed arrays or ndarrays; nested
 * arrays of numbers are compared with a tensor as one. Infinities agree with themselves.
 */
export function allclose(a: unknown, b: unknown, options: AllcloseOptions = {}): boolean {
  checkOptions('allclose', options, ['rtol', 'atol', 'equalNan']);
  for (const [what, value] of Object.entries({ rtol: options.rtol, atol: options.atol })) {
    if (value !== undefined) checkTolerance('allclose', what, value);
  }
  return firstDifference(a, b, options) === undefined;
}

/** What is different, in words; undefined when all is close. */
export function firstDifference(
  a: unknown,
  b: unknown,
  { rtol, atol, equalNan = false }: AllcloseOptions,
): string | undefined {
  const [actual, actualTree] = leavesOf(a, b);
  const [expected, expectedTree] = leavesOf(b, a);
  if (!sameTree(actualTree, expectedTree)) {
    return `the structure is ${formatTree(actualTree)}, expected ${formatTree(expectedTree)}`;
  }
  const paths = leafPaths(expectedTree);
  for (const [i, y] of expected.entries()) {
    const x = actual[i];
    if (x === undefined) return 'a leaf is missing';
    const where = paths[i] ? `${paths[i]}: ` : '';
    if (!sameShape(x.shape, y.shape)) {
      return `${where}the shape is ${formatShape(x.shape)}, expected ${formatShape(y.shape)}`;
    }
    const single = x.dtype === 'float32' || y.dtype === 'float32';
    const floats = isFloat(x.dtype) || isFloat(y.dtype);
    const relative = rtol ?? (single ? 1e-5 : floats ? 1e-9 : 0);
    const absolute = atol ?? (single ? 1e-6 : floats ? 1e-12 : 0);
    const left = x.dataSync();
    const right = y.dataSync();
    for (const [k, target] of right.entries()) {
      const value = left[k] ?? Number.NaN;
      const allowed = absolute + relative * Math.abs(target);
      const close =
        value === target ||
        (Number.isFinite(target) && Math.abs(value - target) <= allowed) ||
        (equalNan && Number.isNaN(value) && Number.isNaN(target));
      if (!close) {
        return `${where}element [${position(k, y.shape)}] is ${value}, expected ${target}: they differ by ${Math.abs(value - target)}, allowed is ${allowed}`;
      }
    }
  }
  return undefined;
}

/** Leaves of a tree; nested arrays beside a single tensor or number are one leaf. */
function leavesOf(tree: unknown, other: unknown): ReturnType<typeof flattenTensors> {
  const [, otherTree] = flattenTensors(other);
  if (otherTree.kind === 'leaf' && isNested(tree)) return flattenTensors(tensor(tree));
  return flattenTensors(tree);
}

type NestedNumbers = readonly (number | boolean | NestedNumbers)[];

function isNested(value: unknown): value is NestedNumbers {
  return (
    Array.isArray(value) &&
    value.every((v) => typeof v === 'number' || typeof v === 'boolean' || isNested(v))
  );
}

function position(offset: number, shape: Tensor['shape']): string {
  let rest = offset;
  return shape
    .toReversed()
    .map((extent) => {
      const at = rest % extent;
      rest = Math.floor(rest / extent);
      return at;
    })
    .reverse()
    .join(', ');
}
