import { meshQuality } from './mesh-quality.ts';
import type { Descent, ShapeSpace, ShapeState } from './shape-space.ts';
import { dot } from './vectors.ts';

/** A step that was cut because it would have spoiled an element. */
export interface CutStep {
  /** Number of the element that would have become worst. */
  readonly element: number;
  /** What its scaled Jacobian would have been; 0 or less is inverted. */
  readonly quality: number;
  /** The multiple of the direction that was refused. */
  readonly step: number;
}

/** What a search for a step came to. */
export type SearchResult =
  | {
      readonly kind: 'found';
      readonly state: ShapeState;
      readonly step: number;
      readonly cuts: readonly CutStep[];
    }
  | { readonly kind: 'badMesh' | 'stepFailed'; readonly message: string };

const mostTrials = 30;

/** A step that leaves the mesh good and the value below a bar: the first of halves of a start. */
export async function searchStep(
  space: ShapeSpace,
  state: ShapeState,
  descent: Descent,
  { start, bar, leastQuality }: { start: number; bar: number; leastQuality: number },
): Promise<SearchResult> {
  const cuts: CutStep[] = [];
  const slope = Math.min(0, dot(state.gradient, descent.direction));
  let isBad = false;
  let step = start;
  for (let trial = 0; trial < mostTrials; trial++, step /= 2) {
    const vertices = space.move(state, descent, step);
    const { worst, least } = meshQuality(space.meshAt(vertices));
    isBad = !(least >= leastQuality);
    if (isBad) {
      cuts.push({ element: worst, quality: least, step });
      continue;
    }
    const next = await space.evaluate(vertices);
    if (next.value <= bar + 1e-4 * step * slope) return { kind: 'found', state: next, step, cuts };
  }
  const worst = cuts.at(-1);
  if (isBad && worst) {
    return {
      kind: 'badMesh',
      message: `Element ${worst.element} would come to a scaled Jacobian of ${worst.quality.toPrecision(3)}, below ${leastQuality}, however short the step. Make a new mesh of this shape, or set leastQuality lower.`,
    };
  }
  return {
    kind: 'stepFailed',
    message: `No step gives a lower value where the norm of the gradient is ${descent.gradientNorm}. The discretization allows no more, or the objective is not smooth.`,
  };
}
