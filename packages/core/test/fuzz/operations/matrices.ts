import {
  concatenate,
  eye,
  isfinite,
  linalg,
  matmul,
  moveAxis,
  mul,
  type Tensor,
  where,
} from '@grad/core';
import type { Draw, Scope } from '../scope.ts';
import type { Operation, Operations } from './operation.ts';

const order = 3;

/** A matrix, or a batch of two, with elements in [-2, 2], whatever the arguments are. */
function square(scope: Scope, draw: Draw): Tensor {
  const shape = draw.flag() ? [order, order] : [2, order, order];
  const x = scope.tame(scope.fit(scope.float(draw), shape));
  return where(isfinite(x), x, 0.5);
}

function identity(x: Tensor): Tensor {
  return eye(order, order, { dtype: x.dtype === 'float32' ? 'float32' : 'float64' });
}

/** I + E, where the elements of a row of E sum up to 1/2 at most: far from singular. */
function regular(scope: Scope, draw: Draw): Tensor {
  const x = square(scope, draw);
  return mul(x, 1 / (4 * order)).add(identity(x));
}

/** I + X X' with eigenvalues from 1 to 2. */
function positive(scope: Scope, draw: Draw): Tensor {
  const x = mul(square(scope, draw), 1 / (2 * order));
  return matmul(x, moveAxis(x, -1, -2)).add(identity(x));
}

function vector(scope: Scope, draw: Draw): Tensor {
  return scope.fit(scope.float(draw), [order]);
}

function of(build: Operation['build']): Operation {
  return { build };
}

/** Linear algebra on matrices that are far from singular. */
export const matrices: Operations = {
  cholesky: of((scope, draw) =>
    linalg.cholesky(positive(scope, draw), { symmetrize: draw.flag() }),
  ),
  solve: of((scope, draw) => linalg.solve(regular(scope, draw), vector(scope, draw)).mul(0.5)),
  triangularSolve: of((scope, draw) =>
    linalg
      .triangularSolve(regular(scope, draw), vector(scope, draw), {
        lower: draw.flag(),
        transposed: draw.flag(),
        unitDiagonal: draw.flag(),
      })
      .mul(0.5),
  ),
  inv: of((scope, draw) => linalg.inv(regular(scope, draw))),
  lu: of((scope, draw) => {
    const { l, u } = linalg.lu(regular(scope, draw));
    return [l, u];
  }),
  qr: of((scope, draw) => linalg.qr(regular(scope, draw))),
  det: of((scope, draw) => linalg.det(regular(scope, draw))),
  slogdet: of((scope, draw) => linalg.slogdet(regular(scope, draw))),
  lstsq: of((scope, draw) => {
    const top = regular(scope, draw);
    const tall = concatenate([top, mul(top, 0.25)], { axis: -2 });
    const b = vector(scope, draw);
    return linalg.lstsq(tall, concatenate([b, b.mul(0.5)], { axis: 0 })).mul(0.5);
  }),
  matrixPower: of((scope, draw) => linalg.matrixPower(regular(scope, draw), draw.of(-2, 2, 3))),
  expm: of((scope, draw) => linalg.expm(mul(square(scope, draw), 1 / (4 * order)))),
  norm: of((scope, draw) => linalg.norm(regular(scope, draw), { axis: [-2, -1] })),
};
