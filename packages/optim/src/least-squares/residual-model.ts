import {
  concatenate,
  eye,
  jacfwd,
  jacrev,
  jit,
  linalg,
  linearize,
  logicalAnd,
  matmul,
  type Tensor,
  type Traced,
  tensor,
  tree,
  vjp,
  whileLoop,
  zeros,
} from '@grad/core';
import { patientCall } from '../patient-call.ts';

/** Residuals at a point, and what steps from there need. */
export interface ResidualPoint {
  readonly x: Float64Array;
  readonly residuals: Tensor;
  /** Half the sum of squares. */
  readonly value: number;
  /** The Jacobian; without one, products are made as they are needed. */
  readonly jacobian: Tensor | null;
  /** J'r. */
  readonly gradient: Float64Array;
  /** Norms of the columns of J; ones where there is no J. */
  readonly columns: Float64Array;
}

/** A step, and what it would do to linear residuals. */
export interface LinearStep {
  readonly step: Float64Array;
  /** |J p|². */
  readonly square: number;
}

/** How much a step is held back. */
export interface Damping {
  readonly scales: Float64Array;
  readonly damping: number;
}

/** How linear least-squares problems are solved. */
export type LinearSolver = 'qr' | 'cg';

/** Elements of a Jacobian up to which it is made. */
const mostElements = 4e6;

/** Residuals of a tree as compiled functions of a vector. */
export class ResidualModel<X> {
  readonly start: Float64Array;
  readonly solver: LinearSolver;
  readonly toTree: (x: Float64Array) => Traced<X>;
  readonly #at;
  readonly #valueAt;
  readonly #qrStep;
  readonly #cgStep;

  constructor(
    name: string,
    residuals: (x: Traced<X>) => unknown,
    x0: X,
    solver: LinearSolver | 'auto',
  ) {
    const [vector, unravel] = tree.ravel(x0);
    if (vector.dtype !== 'float64') {
      throw new TypeError(
        `${name}: the start is ${vector.dtype}; minimization is done in float64. Convert it with astype('float64').`,
      );
    }
    const r = (x: Tensor): Tensor => tree.ravel(residuals(unravel(x)))[0];
    const { size: m } = r(vector);
    const n = vector.size;
    if (m === 0 || n === 0) {
      throw new RangeError(
        `${name}: there are ${m} residuals of ${n} unknowns; give some of both.`,
      );
    }
    this.start = Float64Array.from(vector.dataSync());
    this.solver = solver === 'auto' ? (m * n <= mostElements ? 'qr' : 'cg') : solver;
    this.toTree = (x) => unravel(tensor(x));
    const dense = this.solver === 'qr';
    const jacobian = n <= m ? jacfwd(r) : jacrev(r);
    this.#at = patientCall(
      jit((x: Tensor) => {
        if (!dense) {
          const [value, pullback] = vjp(r, x);
          const [gradient] = pullback(value);
          return { value, gradient, columns: gradient.mul(0).add(1), j: null };
        }
        const value = r(x);
        const j = jacobian(x);
        const columns = linalg.norm(j, { axis: 0 });
        return { value, gradient: matmul(value, j), columns, j };
      }),
    );
    this.#valueAt = patientCall(jit((x: Tensor) => r(x)));
    this.#qrStep = patientCall(
      jit((j: Tensor, value: Tensor, scales: Tensor, damping: Tensor) => {
        // In scaled unknowns, whose units have no part in the rounding.
        const rows = concatenate([j.div(scales), eye(n).mul(damping)]);
        const below = zeros([n]);
        const step = linalg.lstsq(rows, concatenate([value.neg(), below])).div(scales);
        return { step, square: matmul(j, step).square().sum() };
      }),
    );
    this.#cgStep = patientCall(
      jit((x: Tensor, scales: Tensor, damping: Tensor) =>
        cgStep(r, x, scales.mul(damping), Math.min(n, 500)),
      ),
    );
  }

  async at(x: Float64Array, signal: AbortSignal | undefined): Promise<ResidualPoint> {
    const { value, gradient, columns, j } = await this.#at([tensor(x)], signal);
    return {
      x,
      residuals: value,
      value: halfSquare(value),
      jacobian: j,
      gradient: Float64Array.from(gradient.dataSync()),
      columns: Float64Array.from(columns.dataSync()),
    };
  }

  /** Half the sum of squares. */
  async valueAt(x: Float64Array, signal: AbortSignal | undefined): Promise<number> {
    return halfSquare(await this.#valueAt([tensor(x)], signal));
  }

  /** The p of least |J p + r|² + damping² |scales p|². */
  async step(
    { x, jacobian, residuals }: ResidualPoint,
    { scales, damping }: Damping,
    signal: AbortSignal | undefined,
  ): Promise<LinearStep> {
    const { step, square } = jacobian
      ? await this.#qrStep([jacobian, residuals, tensor(scales), tensor(damping)], signal)
      : await this.#cgStep([tensor(x), tensor(scales), tensor(damping)], signal);
    return { step: Float64Array.from(step.dataSync()), square: square.item() };
  }
}

/** The step by conjugate gradients on the normal equations, with products alone. */
function cgStep(
  r: (x: Tensor) => Tensor,
  x: Tensor,
  damping: Tensor,
  most: number,
): { step: Tensor; square: Tensor } {
  const [value, push] = linearize(r, x);
  const [, pull] = vjp(r, x);
  const start = pull(value)[0].neg();
  const initial = start.square().sum();
  const { step } = whileLoop(
    ({ square, count }) => logicalAnd(square.gt(initial.mul(1e-24)), count.lt(most)),
    ({ step, rest, direction, square, count }) => {
      const image = pull(push(direction))[0].add(damping.square().mul(direction));
      const length = square.div(direction.mul(image).sum());
      const left = rest.sub(image.mul(length));
      const next = left.square().sum();
      return {
        step: step.add(direction.mul(length)),
        rest: left,
        direction: left.add(direction.mul(next.div(square))),
        square: next,
        count: count.add(1),
      };
    },
    {
      step: start.mul(0),
      rest: start,
      direction: start,
      square: initial,
      count: tensor(0, { dtype: 'int32' }),
    },
  );
  return { step, square: push(step).square().sum() };
}

function halfSquare(residuals: Tensor): number {
  return residuals.read((data) => {
    let sum = 0;
    for (const value of data) sum += value * value;
    return sum / 2;
  });
}
