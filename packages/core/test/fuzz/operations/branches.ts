import { cond, isConcrete, switchCase, type Tensor, where } from '@grad/core';
import type { Block } from '../recipe.ts';
import type { Draw, Scope } from '../scope.ts';
import type { Operation, Operations } from './operation.ts';

type Branch = (...x: readonly Tensor[]) => Tensor;

/** Branches that give floats of one shape. */
function branchesOf(scope: Scope, blocks: readonly Block[], like: Tensor): Branch[] {
  return blocks.map(
    (block) =>
      (...x) =>
        scope.fit(scope.call(block, x), like.shape),
  );
}

function condOn(test: (scope: Scope, draw: Draw) => Tensor): Operation {
  return {
    blocks: 2,
    build(scope, draw, blocks) {
      const x = scope.float(draw);
      const y = scope.any(draw);
      const [yes, no] = branchesOf(scope, blocks, x);
      return yes && no ? cond(test(scope, draw), yes, no, x, y) : x;
    },
  };
}

/** Branches between random functions. */
export const branches: Operations = {
  cond: condOn((scope, draw) => scope.fit(scope.bool(draw), [])),
  condOnSum: condOn((scope, draw) => scope.float(draw).sum().gt(scope.number(0.1))),
  peek: {
    build(scope, draw) {
      const x = scope.any(draw);
      scope.traits.looks = true;
      if (isConcrete(x)) x.toArray();
      return x;
    },
  },
  branchOnValue: {
    build(scope, draw) {
      const x = scope.float(draw);
      const y = scope.fit(scope.float(draw), x.shape);
      const test = scope.float(draw).sum().gt(scope.number(0.1));
      scope.traits.looks = true;
      if (!isConcrete(test)) return where(test, x, y);
      return test.toArray() === true ? x : y;
    },
  },
  switchCase: {
    blocks: 3,
    build(scope, draw, blocks) {
      const x = scope.float(draw);
      return switchCase(scope.fit(scope.int(draw), []), branchesOf(scope, blocks, x), x);
    },
  },
};
