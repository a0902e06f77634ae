// What a primitive says about which elements depend on which, against its derivative: of every
// operand of every sample, and of random Programs, the Jacobian from the pattern that was found is
// the dense one.

import { type Shape, sparseJacobian, type Tensor, tensor } from '@grad/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Primitive } from '../../src/primitives/define.ts';
import { isFloat } from '../../src/tensor/dtype.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { bindOne, evaluateProgram } from '../../src/trace/trace.ts';
import { sampleOf } from '../compiler/agree.ts';
import { randomProgram } from '../compiler/random-programs.ts';
import { denseBy, denseOf, expectMatrix, ravel, ravelled } from '../transforms/dense-jacobian.ts';
import { type Case, casesOf, primitives } from './cases.ts';

/** How many entries of the Jacobians of a sample were compared. */
function compare({ primitive, params, operands, title }: Case): number {
  let count = 0;
  operands.forEach((x, i) => {
    const apply = (moved: Tensor): Tensor => bindOne(primitive, operands.with(i, moved), params);
    if (!isFloat(x.dtype) || apply(x).dtype !== x.dtype) return;
    const f = (moved: Tensor): Tensor => ravel(apply(moved));
    try {
      const dense = denseBy(f, x);
      expectMatrix(denseOf(sparseJacobian(f)(x)), dense, x.dtype === 'float64' ? 1e-12 : 1e-5);
      count += dense.length * x.size;
    } catch (error) {
      throw new Error(`${title}, operand ${i}`, { cause: error });
    }
  });
  return count;
}

const differentiable = (primitive: Primitive): boolean =>
  primitive.linearize !== undefined || primitive.linear !== undefined;

describe('the pattern that is found', () => {
  test.each(
    primitives.filter(differentiable).map((primitive) => [primitive.name, primitive] as const),
  )('of %s covers its derivative in each operand', (_, primitive) => {
    for (const sample of casesOf(primitive)) if (sample.smooth) compare(sample);
  });

  test('of random Programs covers their Jacobians', () => {
    let entries = 0;
    fc.assert(
      fc.property(randomProgram, (program) => {
        const shapes = program.inputs.map(({ type }) => (type.kind === 'tensor' ? type.shape : []));
        const split = (all: Tensor): Tensor[] => {
          let from = 0;
          return shapes.map((shape: Shape) => {
            const part = all.at([from, from + sizeOf(shape)]).reshape(shape);
            from += sizeOf(shape);
            return part;
          });
        };
        const f = (all: Tensor): Tensor => ravelled(evaluateProgram(program, split(all)));
        const start = program.inputs.flatMap(({ type }, i) => [...sampleOf(type, i + 1)]);
        const x = tensor(start);
        const found = sparseJacobian(f)(x);
        expectMatrix(denseOf(found), denseBy(f, x), 1e-9);
        entries += found.pattern.nnz;
      }),
      { numRuns: 150, seed: 20261126 },
    );
    expect(entries).toBeGreaterThan(1000);
  });
});
