import {
  checkpoint,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  sum,
  type Tensor,
  valueAndGrad,
  vjp,
  vmap,
} from '@grad/core';
import type { Block } from '../recipe.ts';
import type { Draw, Scope } from '../scope.ts';
import type { Operation, Operations } from './operation.ts';

/** For a function that forward mode goes through. */
const forward = { abilities: { reverseOnly: false } } as const;

/** A float of few elements. */
function small(scope: Scope, draw: Draw): Tensor {
  const x = scope.float(draw);
  return x.size > 3 ? x.reshape([x.size]).at([0, 3]) : x;
}

function scalar(scope: Scope, block: Block | undefined, options = {}) {
  return (...x: readonly Tensor[]): Tensor => {
    const y = scope.call(block, x, options);
    return sum(y).mul(1 / Math.max(1, y.size));
  };
}

/** Derivatives inside a random function. */
const derivatives: Operations = {
  grad: {
    blocks: 1,
    build: (scope, draw, [f]) => scope.tame(grad(scalar(scope, f))(scope.float(draw))),
  },
  valueAndGrad: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = scope.float(draw);
      const [y, [dx, dy]] = valueAndGrad(scalar(scope, f), { argnums: [0, 1] })(
        x,
        scope.float(draw),
      );
      return [y, scope.tame(dx), scope.tame(dy)];
    },
  },
  gradOfGrad: {
    blocks: 1,
    build(scope, draw, [f]) {
      const inner = (x: Tensor): Tensor => sum(grad(scalar(scope, f))(x).square());
      return scope.tame(grad(inner)(small(scope, draw)));
    },
  },
  vjp: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = scope.float(draw);
      const [y, pull] = vjp((z: Tensor) => scope.call(f, [z]), x);
      const [dx] = pull(scope.fit(scope.float(draw), y.shape));
      return [y, scope.tame(dx)];
    },
  },
  jvp: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = scope.float(draw);
      const v = scope.fit(scope.float(draw), x.shape);
      const [y, dy] = jvp((z: Tensor) => scope.call(f, [z], forward), [x], [v]);
      return [y, scope.tame(dy)];
    },
  },
  linearize: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = scope.float(draw);
      const [, push] = linearize((z: Tensor) => scope.call(f, [z], forward), x);
      return scope.tame(push(scope.fit(scope.float(draw), x.shape)));
    },
  },
  hvp: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = small(scope, draw);
      return scope.tame(hvp(scalar(scope, f, forward), x, scope.fit(scope.float(draw), x.shape)));
    },
  },
  jacobian: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = small(scope, draw);
      const g = (z: Tensor): Tensor => {
        const y = scope.call(f, [z], forward);
        return y.size > 4 ? y.reshape([y.size]).at([0, 4]) : y;
      };
      return scope.tame(draw.flag() ? jacfwd(g)(x) : jacrev(g)(x));
    },
  },
  hessian: {
    blocks: 1,
    build: (scope, draw, [f]) => scope.tame(hessian(scalar(scope, f, forward))(small(scope, draw))),
  },
  vmapOfGrad: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = scope.array(draw);
      return scope.tame(vmap(grad(scalar(scope, f)))(x));
    },
  },
};

function differentiating({ build, ...operation }: Operation): Operation {
  return {
    ...operation,
    build(scope, ...rest) {
      scope.traits.differentiates = true;
      return build(scope, ...rest);
    },
  };
}

/** Derivatives, batches and compilation inside a random function. */
export const transforms: Operations = {
  ...Object.fromEntries(
    Object.entries(derivatives).map(([name, operation]) => [name, differentiating(operation)]),
  ),
  vmap: {
    blocks: 1,
    build(scope, draw, [f]) {
      const x = scope.array(draw);
      const axis = draw.axis(x);
      const y = scope.any(draw);
      const batched = draw.flag() && y.shape[0] === x.shape.at(axis);
      const inner = (a: Tensor, b: Tensor): Tensor => {
        const z = scope.call(f, [b, a]);
        return z.ndim > 0 ? z : z.reshape([1]);
      };
      const inAxes = [axis, batched ? 0 : null];
      return vmap(inner, { inAxes, outAxes: draw.of(0, 1, -1) })(x, y);
    },
  },
  vmapOfNone: {
    blocks: 1,
    build(scope, draw, [f]) {
      const axisSize = draw.below(3);
      return vmap((x: Tensor) => scope.call(f, [x]), { inAxes: null, axisSize })(scope.float(draw));
    },
  },
  jit: {
    blocks: 1,
    build: (scope, draw, [f]) =>
      jit((x: Tensor, y: Tensor) => scope.call(f, [y, x]))(scope.float(draw), scope.any(draw)),
  },
  checkpoint: {
    blocks: 1,
    build: (scope, draw, [f]) => checkpoint((x: Tensor) => scope.call(f, [x]))(scope.float(draw)),
  },
};
