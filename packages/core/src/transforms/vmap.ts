import { stretch } from '../functions/promote.ts';
import { moveAxis } from '../functions/shape.ts';
import { leafCount, type TreeDef, unflatten } from '../program/tree.ts';
import { checkFunction, checkOptions, describeValue } from '../tensor/check.ts';
import { checkCount, formatShape, normalizeAxis, ShapeError } from '../tensor/shape.ts';
import { type Tensor, typeOf } from '../tensor/tensor.ts';
import { tensorType } from '../tensor/type.ts';
import { evaluateProgram, trace } from '../trace/trace.ts';
import { argumentPaths, flattenTensors, traceTree } from './trace-tree.ts';
import type { Arguments } from './types.ts';
import { vmapInto } from './vmap-program.ts';

/** Which axes are mapped over. */
export interface VmapOptions {
  /**
   * Axis of each argument that is mapped over, `null` for an argument that all calls share; one
   * value for all arguments, or a list. 0 when left out. It holds for all leaves of an argument.
   */
  readonly inAxes?: number | null | readonly (number | null)[];
  /** Where the mapped axis stands in the results; 0 when left out. */
  readonly outAxes?: number;
  /** Extent of the mapped axis, needed only when no argument has one. */
  readonly axisSize?: number;
}

/**
 * A function that maps f over an axis of its arguments, all at once: every operation of f gets a
 * batch axis, and f itself runs once.
 *
 * @throws ShapeError when the mapped axes have different extents or do not exist.
 */
export function vmap<A extends readonly unknown[] = readonly Tensor[], R = Tensor>(
  f: (...args: A) => R,
  options: VmapOptions = {},
): (...args: Arguments<A>) => R {
  checkFunction('vmap', 'the first argument', f);
  checkOptions('vmap', options, ['inAxes', 'outAxes', 'axisSize']);
  const { inAxes = 0, outAxes = 0, axisSize } = options;
  return (...args) => {
    const [leaves, treedef] = flattenTensors(args);
    const axes = leafAxes(treedef, inAxes, leaves);
    const size = batchExtent(treedef, leaves, axes, axisSize);
    const inputs = leaves.map((leaf, i) => {
      const axis = axes[i];
      return axis === null || axis === undefined ? leaf : moveAxis(leaf, axis, 0);
    });
    const types = inputs.map((input, i) => {
      const { dtype, shape, weak } = typeOf(input);
      return tensorType(dtype, axes[i] === null ? shape : shape.slice(1), weak);
    });
    const traced = traceTree('vmap', f, treedef, types);
    const all = [...traced.captures, ...inputs];
    const batched = [...traced.captures.map(() => false), ...axes.map((axis) => axis !== null)];
    const { program, captures } = trace(
      all.map((input) => input.type),
      (...values) => {
        const results = vmapInto(traced.program, values, batched, size);
        return results.outputs.map((output, i) => {
          const whole = results.batched[i] ? output : stretch(output, [size, ...output.shape]);
          return moveAxis(whole, 0, normalizeAxis('vmap: outAxes', outAxes, whole.shape));
        });
      },
      { name: 'vmap' },
    );
    return unflatten<R>(traced.result, evaluateProgram(program, [...captures, ...all]));
  };
}

/** The mapped axis of each leaf, counted from the start; null for none. */
function leafAxes(
  args: TreeDef,
  inAxes: NonNullable<VmapOptions['inAxes']> | null,
  leaves: readonly Tensor[],
): (number | null)[] {
  const children = args.kind === 'array' ? args.children : [];
  if (Array.isArray(inAxes) && inAxes.length !== children.length) {
    throw new RangeError(
      `vmap: inAxes has ${inAxes.length} entries, but the function was called with ${children.length} arguments.`,
    );
  }
  const axes = children.flatMap((child, i) => {
    const axis: number | null = Array.isArray(inAxes) ? (inAxes[i] ?? null) : inAxes;
    return new Array<number | null>(leafCount(child)).fill(axis);
  });
  return axes.map((axis, i) => {
    if (axis !== null && typeof axis !== 'number') {
      throw new TypeError(
        `vmap: inAxes gives ${argumentPaths(args)[i]} the axis ${describeValue(axis)}; an axis is a number, or null for none.`,
      );
    }
    const shape = leaves[i]?.shape ?? [];
    if (axis !== null && shape.length === 0) {
      throw new ShapeError(
        `vmap: ${argumentPaths(args)[i]} is a scalar and has no axis to map over; give null for it in inAxes.`,
      );
    }
    return axis === null ? null : normalizeAxis('vmap', axis, shape);
  });
}

function batchExtent(
  args: TreeDef,
  leaves: readonly Tensor[],
  axes: readonly (number | null)[],
  axisSize: number | undefined,
): number {
  let size = axisSize;
  axes.forEach((axis, i) => {
    if (axis === null) return;
    const shape = leaves[i]?.shape ?? [];
    const extent = shape[axis] ?? 0;
    if (size !== undefined && extent !== size) {
      throw new ShapeError(
        `vmap: mapped axes have different extents: ${argumentPaths(args)[i]} of shape ${formatShape(shape)} has ${extent} on axis ${axis}, not ${size}.`,
      );
    }
    size = extent;
  });
  if (size === undefined) {
    throw new TypeError('vmap: no argument has a mapped axis; give axisSize.');
  }
  checkCount('vmap', [size]);
  return size;
}
