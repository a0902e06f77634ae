import { jit, jvp, random, type Tensor, type TensorLike, tensor, vjp } from '@grad/core';

/** Which direction a model is tested along. */
export interface ModelTestOptions {
  /** Seed of the random direction; 0 when left out. */
  readonly seed?: number;
}

/** Result of `tangentLinearTest`. */
export interface TangentLinearTest {
  /** |f(x + h d) - f(x - h d) - 2 h f'd| / |2 h f'd| for each h; it falls like h^2 until rounding takes over. */
  readonly remainders: readonly { readonly h: number; readonly remainder: number }[];
  /** The smallest of them. */
  readonly error: number;
}

/** Result of `adjointTest`. */
export interface AdjointTest {
  /** <f'd, f'd> by forward mode. */
  readonly forward: number;
  /** <d, f*(f'd)> by reverse mode. */
  readonly reverse: number;
  /** Their difference relative to them. */
  readonly error: number;
}

/**
 * Compares the tangent linear of a model, or of any function of a vector, with finite perturbations
 * of shrinking size, both ways along a random direction d of length 1.
 *
 * @throws Error when the derivative along the direction is zero, which would prove nothing.
 */
export function tangentLinearTest(
  f: (state: Tensor) => Tensor,
  state: TensorLike,
  { seed = 0 }: ModelTestOptions = {},
): TangentLinearTest {
  const run = jit(f);
  const [x, d] = [tensor(state), direction(tensor(state), seed)];
  const [, derivative] = jvp(run, [x], [d]);
  const size = norm(derivative);
  checkNotZero('tangentLinearTest', size);
  const remainders = Array.from({ length: 10 }, (_, i) => {
    const h = 10 ** -i;
    const change = run(x.add(d.mul(h))).sub(run(x.sub(d.mul(h))));
    return { h, remainder: norm(change.div(2 * h).sub(derivative)) / size };
  });
  return { remainders, error: Math.min(...remainders.map(({ remainder }) => remainder)) };
}

/**
 * Compares reverse with forward mode of a model, or of any function of a vector: the adjoint f* of
 * the tangent linear f' satisfies <f'd, f'd> = <d, f*(f'd)> for any direction d.
 *
 * @throws Error when the derivative along the direction is zero, which would prove nothing.
 * @see I. M. Navon et al., "Variational data assimilation with an adiabatic version of the NMC
 * spectral model", Mon. Wea. Rev. 120 (1992) 1433.
 */
export function adjointTest(
  f: (state: Tensor) => Tensor,
  state: TensorLike,
  { seed = 0 }: ModelTestOptions = {},
): AdjointTest {
  const run = jit(f);
  const [x, d] = [tensor(state), direction(tensor(state), seed)];
  const [, derivative] = jvp(run, [x], [d]);
  const [, pullback] = vjp(run, x);
  const [pulled] = pullback(derivative);
  const forward = derivative.square().sum().item();
  const reverse = pulled.mul(d).sum().item();
  checkNotZero('adjointTest', forward);
  return { forward, reverse, error: Math.abs(forward - reverse) / forward };
}

function direction(x: Tensor, seed: number): Tensor {
  const noise = random.normal(random.key(seed), x.shape);
  return noise.div(norm(noise));
}

function norm(x: Tensor): number {
  return x.square().sum().sqrt().item();
}

function checkNotZero(name: string, size: number): void {
  if (size > 0) return;
  throw new Error(
    `${name}: the derivative along the direction has size ${size}, so the test would prove nothing. Test at another state, or with another seed.`,
  );
}
