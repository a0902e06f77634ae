import {
  customJvp,
  customVjp,
  foriLoop,
  implicitLinearSolve,
  implicitRoot,
  jvp,
  type Tensor,
  tanh,
  vjp,
} from '@grad/core';
import type { Draw, Scope } from '../scope.ts';
import type { Operations } from './operation.ts';

const forward = { reverseOnly: false } as const;

/** Whether a function sees its parameters only; what else it sees has no derivative. */
function isClosed(scope: Scope, draw: Draw): boolean {
  const closed = !draw.flag();
  if (!closed) scope.traits.closesOver = true;
  return closed;
}

/** Solves `v + 0.3 d v = b` for |d| <= 1 by iteration, to the last digit. */
function contract(matvec: (v: Tensor) => Tensor, b: Tensor): Tensor {
  return foriLoop(0, 40, (_, v: Tensor) => v.add(b.sub(matvec(v))), b);
}

/** Functions with derivatives of their own. */
export const rules: Operations = {
  customJvp: {
    blocks: 1,
    build(scope, draw, [block]) {
      const closed = isClosed(scope, draw);
      const f = (x: Tensor): Tensor => scope.call(block, [x], { closed, abilities: forward });
      const g = customJvp<readonly [Tensor], Tensor>(f, ([x], [dx]) => jvp(f, [x], [dx]));
      return g(scope.float(draw));
    },
  },
  customJvpOfTwo: {
    build(scope, draw) {
      const f = customJvp<readonly [Tensor, Tensor], Tensor>(
        (x, y) => tanh(x.mul(y)),
        ([x, y], [dx, dy]) => {
          const z = tanh(x.mul(y));
          return [z, dx.mul(y).add(x.mul(dy)).mul(z.square().neg().add(1))];
        },
      );
      const x = scope.float(draw);
      return f(x, scope.fit(scope.float(draw), x.shape));
    },
  },
  customVjp: {
    blocks: 1,
    build(scope, draw, [block]) {
      const closed = isClosed(scope, draw);
      const f = (x: Tensor): Tensor => scope.call(block, [x], { closed });
      const x = scope.float(draw);
      if (!scope.abilities.reverseOnly) return f(x);
      scope.traits.reverseOnly = true;
      return customVjp<readonly [Tensor], Tensor, Tensor>(f, {
        fwd: (z) => [f(z), z],
        bwd: (z, ct) => vjp(f, z)[1](ct),
      })(x);
    },
  },
  implicitLinearSolve: {
    blocks: 1,
    build(scope, draw, [block]) {
      const b = scope.float(draw);
      const d = tanh(scope.fit(scope.call(block, [b]), b.shape)).mul(0.3);
      const symmetric = draw.flag();
      return implicitLinearSolve((v: Tensor) => v.add(v.mul(d)), b, { solve: contract, symmetric });
    },
  },
  implicitRoot: {
    blocks: 1,
    build(scope, draw, [block]) {
      scope.traits.differentiates = true;
      const a = scope.float(draw);
      const inner = { abilities: forward };
      const shift = (args: Tensor): Tensor => scope.fit(scope.call(block, [args], inner), a.shape);
      const image = (x: Tensor, by: Tensor): Tensor => tanh(x).mul(0.3).add(by);
      return implicitRoot(
        (x: Tensor, args: Tensor) => x.sub(image(x, shift(args))),
        (args) => {
          const by = shift(args);
          return foriLoop(0, 40, (_, x: Tensor) => image(x, by), by);
        },
        a,
        { linearSolve: contract },
      ).mul(0.5);
    },
  },
};
