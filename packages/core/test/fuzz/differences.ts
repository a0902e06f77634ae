import { jvp, round, type Tensor } from '@grad/core';
import { BoundedRuns } from '../../src/backends/reference/error-bound.ts';
import { storageOfTensor } from '../../src/backends/reference/interpret.ts';
import { formatProgram } from '../../src/program/print.ts';
import { LawBroken, Side, type Verdict } from './agree.ts';
import type { Subject } from './subject.ts';

const step = 2 ** -12;

/** The largest relative error of the differences at which they say something. */
const decisive = 1e-3;

function rounded(x: Tensor, unit: number): Tensor {
  return round(x.div(unit)).mul(unit);
}

/**
 * Tangents against central differences with steps h and h/2. What these differ by bounds what is
 * left of the truncation error when they are extrapolated. Where a decision of the function or of
 * its tangent is not the same at all points, there is a kink between them, and nothing is said.
 */
export function differences(subject: Subject): Verdict {
  const { smooth, traits } = subject;
  if (subject.recipe.dtype === 'float32') return 'outside';
  // The points between which differences are taken have to be exact.
  const x = subject.floats(9, 'distinct').map((each) => rounded(each, 2 ** -20));
  const v = subject.floats(10, 'distinct').map((each) => rounded(each, 2 ** -8));
  if (traits.stops || traits.closesOver || traits.reverseOnly) return 'outside';
  const side = new Side((...at) => {
    const [y, dy] = jvp<readonly Tensor[], readonly Tensor[]>(smooth, at, v);
    return [...y, ...dy];
  }, x);
  if (side.large) return 'too large';
  const captured = side.inputs.slice(0, side.inputs.length - x.length);
  const points = [0, step, -step, step / 2, -step / 2].map((t) => {
    const at = x.map((each, i) => each.add((v[i] ?? each).mul(t)));
    const runs = new BoundedRuns(side.program, [...captured, ...at].map(storageOfTensor));
    runs.widen();
    runs.widen();
    return runs;
  });
  for (;;) {
    const [here] = points;
    if (points.some((runs) => runs.undecided || runs.digest !== here?.digest)) return 'undecided';
    const { verdict, difference } = compared(points);
    if (difference === undefined) return verdict;
    // Two runs see little of what rounding can do.
    const wider = points.map((runs) => runs.widen());
    if (!wider.includes(true)) throw new LawBroken(`${difference}\n${formatProgram(side.program)}`);
  }
}

/** What values and tangents at x, x + h v, x - h v, x + h/2 v and x - h/2 v say. */
function compared(points: readonly BoundedRuns[]): {
  readonly verdict: Verdict;
  readonly difference?: string;
} {
  const [here, ahead, behind, aheadHalf, behindHalf] = points;
  if (!here || !ahead || !behind || !aheadHalf || !behindHalf) throw new Error('no points');
  const count = here.results.length / 2;
  let verdict: Verdict = 'holds';
  for (const [i, tangent] of here.results.slice(count).entries()) {
    for (const [k, dy] of tangent.data.entries()) {
      const value = ({ results }: BoundedRuns): number => results[i]?.data[k] ?? Number.NaN;
      const wide = (value(ahead) - value(behind)) / (2 * step);
      const narrow = (value(aheadHalf) - value(behindHalf)) / step;
      const rounding = points.reduce((sum, { results }) => sum + (results[i]?.bound[k] ?? 0), 0);
      const error = Math.abs(wide - narrow) + (4 * rounding) / step + (tangent.bound[k] ?? 0);
      const derivative = (4 * narrow - wide) / 3;
      if (!(error <= decisive * (1 + Math.abs(dy)))) verdict = 'undecided';
      else if (!(Math.abs(derivative - dy) <= error)) {
        const difference = `the tangent is ${dy} and differences give ${derivative} with error ${error}, element ${k} of result ${i}`;
        return { verdict, difference };
      }
    }
  }
  return { verdict };
}
