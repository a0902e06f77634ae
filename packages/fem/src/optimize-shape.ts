import type { Tensor } from '@grad/core';
import type { FixedDisplacement } from './elasticity.ts';
import type { Mesh } from './mesh.ts';
import { meshQuality } from './mesh-quality.ts';
import { type CutStep, searchStep } from './shape-search.ts';
import { type Descent, type ShapeState, shapeSpace } from './shape-space.ts';
import { axpy, dot, longestMove } from './vectors.ts';

/** Where an optimization of a shape stands; iteration 0 is the start. */
export interface ShapeIteration {
  readonly iteration: number;
  readonly value: number;
  /** Norm of the gradient across the boundary, at constant area, in the metric of the mesh motion. */
  readonly gradientNorm: number;
  readonly area: number;
  /** Multiple of the motion that was taken; 0 at the start. */
  readonly step: number;
  /** Steps that were refused on the way, for the mesh's sake. */
  readonly cuts: readonly CutStep[];
  /** Least scaled Jacobian of the mesh. */
  readonly quality: number;
  readonly mesh: Mesh;
}

/** Options of `optimizeShape`. */
export interface OptimizeShapeOptions {
  readonly mesh: Mesh;
  /** What is made small: a scalar function of a mesh; it must be smooth. */
  readonly objective: (mesh: Mesh) => Tensor;
  /** The name of the part of the boundary that moves. */
  readonly moving: string;
  /** Where the mesh does not move, or not in x or y: the same entries as for `elasticity`. */
  readonly fixed: readonly FixedDisplacement[];
  /** Whether the area of the body stays (`fixed`, when left out) or may change. */
  readonly area?: 'fixed' | 'free';
  /** Norm of the gradient, in relation to that at the start, to stop at; 1e-3 when left out. */
  readonly tolerance?: number;
  /** 100 when left out. */
  readonly maxIterations?: number;
  /** The farthest that a vertex moves in one step; a tenth of the moving part's extent when left out. */
  readonly largestMove?: number;
  /** The least scaled Jacobian that an element may come to; 0.1 when left out. */
  readonly leastQuality?: number;
  /** Stops with the status `'aborted'`, in the middle of a solution if need be. */
  readonly signal?: AbortSignal | undefined;
  /** Called at the start and after each iteration. */
  readonly onIteration?: ((iteration: ShapeIteration) => void) | undefined;
}

/**
 * Why an optimization stopped:
 * - `converged`: the gradient is as small as was asked for;
 * - `maxIterations`: the iterations are used up;
 * - `stepFailed`: no step along the gradient gives a lower value;
 * - `badMesh`: no step leaves all elements as good as `leastQuality`;
 * - `notFinite`: the objective or its gradient is NaN or infinite at the start;
 * - `aborted`: the signal was aborted.
 */
export type ShapeStatus =
  | 'converged'
  | 'maxIterations'
  | 'stepFailed'
  | 'badMesh'
  | 'notFinite'
  | 'aborted';

/** The end of an optimization. */
export interface OptimizedShape {
  readonly mesh: Mesh;
  readonly value: number;
  readonly status: ShapeStatus;
  /** The status in words; of a mesh that went bad it names the element. */
  readonly message: string;
  /** The start and each iteration. */
  readonly history: readonly ShapeIteration[];
}

const remembered = 5;

/**
 * Moves the vertices of a part of the boundary so that an objective becomes small, at constant area, and
 * the other vertices along: steps along the gradient in the metric of an elastic mesh, of the length of
 * Barzilai and Borwein, shortened until the value falls below the largest of the last five and each
 * element stays good.
 *
 * @throws RangeError when the mesh has no such boundary, or an option makes no sense.
 * @see J. Barzilai and J. Borwein, IMA J. Numer. Anal. 8 (1988) 141; L. Grippo, F. Lampariello and
 * S. Lucidi, SIAM J. Numer. Anal. 23 (1986) 707.
 */
export async function optimizeShape(options: OptimizeShapeOptions): Promise<OptimizedShape> {
  const { signal, onIteration, area = 'fixed' } = options;
  const { tolerance = 1e-3, maxIterations = 100, leastQuality = 0.1 } = options;
  for (const [what, value] of Object.entries({ tolerance, maxIterations, leastQuality })) {
    if (value >= 0) continue;
    throw new RangeError(`optimizeShape: ${what} is ${value}; give a number of 0 or more.`);
  }
  if (area !== 'fixed' && area !== 'free') {
    throw new TypeError(`optimizeShape: area is '${String(area)}'; it must be 'fixed' or 'free'.`);
  }
  const space = shapeSpace({ ...options, area });
  const largestMove = options.largestMove ?? space.extent / 10;
  if (!(largestMove > 0)) {
    throw new RangeError(`optimizeShape: largestMove is ${largestMove}; give a positive number.`);
  }
  const history: ShapeIteration[] = [];
  let state: ShapeState | undefined;
  const end = (status: ShapeStatus, message: string): OptimizedShape => ({
    mesh: state ? space.meshAt(state.vertices) : options.mesh,
    value: state?.value ?? Number.NaN,
    status,
    message,
    history,
  });
  let step = 0;
  let cuts: readonly CutStep[] = [];
  let last: { readonly state: ShapeState; readonly descent: Descent } | undefined;
  try {
    state = await space.evaluate(space.start);
    if (!state.isFinite) {
      return end(
        'notFinite',
        `At the start the objective is ${state.value}; it or its gradient is not finite.`,
      );
    }
    for (let iteration = 0; ; iteration++) {
      const descent = await space.descentAt(state);
      const { gradientNorm } = descent;
      const mesh = space.meshAt(state.vertices);
      const { value, area: size } = state;
      const quality = meshQuality(mesh).least;
      const entry = { iteration, value, gradientNorm, area: size, step, cuts, quality, mesh };
      history.push(entry);
      onIteration?.(entry);
      const first = history[0]?.gradientNorm ?? gradientNorm;
      if (gradientNorm <= tolerance * first) {
        return end(
          'converged',
          `The gradient, ${gradientNorm}, is at most ${tolerance} of that at the start.`,
        );
      }
      if (iteration >= maxIterations) {
        return end(
          'maxIterations',
          `After ${iteration} iterations the norm of the gradient is ${gradientNorm}; it was ${first} at the start.`,
        );
      }
      const longest = largestMove / longestMove(descent.direction);
      const result = await searchStep(space, state, descent, {
        start: Math.min(longest, last ? secantStep(last, { state, descent }) : longest),
        bar: Math.max(...history.slice(-remembered).map((each) => each.value)),
        leastQuality,
      });
      if (result.kind !== 'found') return end(result.kind, result.message);
      last = { state, descent };
      ({ state, step, cuts } = result);
    }
  } catch (error) {
    if (signal?.aborted) return end('aborted', 'The signal was aborted.');
    throw error;
  }
}

interface Point {
  readonly state: ShapeState;
  readonly descent: Descent;
}

/** The step of Barzilai and Borwein; infinite where the gradient did not grow along the last one. */
function secantStep(before: Point, now: Point): number {
  const moved = axpy(now.state.vertices, -1, before.state.vertices);
  const curvature = dot(moved, axpy(now.descent.force, -1, before.descent.force));
  // The last step was a multiple of the last direction, but for the correction of the area.
  const along = -dot(moved, before.descent.force);
  const step = along / before.descent.gradientNorm ** 2;
  return curvature > 0 ? (step * along) / curvature : Number.POSITIVE_INFINITY;
}
