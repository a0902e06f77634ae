import type { Primitive } from '../../src/primitives/define.ts';
import { isFloat } from '../../src/tensor/dtype.ts';
import { sameShape, sizeOf } from '../../src/tensor/shape.ts';
import { casesOf } from './cases.ts';

const special: readonly (readonly [string, (x: number) => boolean])[] = [
  ['NaN', Number.isNaN],
  ['Infinity', (x) => x === Number.POSITIVE_INFINITY],
  ['-Infinity', (x) => x === Number.NEGATIVE_INFINITY],
  ['0', (x) => Object.is(x, 0)],
  ['-0', (x) => Object.is(x, -0)],
  ['a denormal', (x) => x !== 0 && Math.abs(x) < 2 ** -126],
];

/** Whether each element of the result comes from the elements at its place, some of them floats. */
export function isElementwiseOnFloats(primitive: Primitive): boolean {
  const { lower } = primitive;
  const cases = casesOf(primitive);
  return (
    lower?.kind === 'pull' &&
    lower.cost !== 'view' &&
    cases.some(({ operands }) => operands.some((x) => isFloat(x.dtype))) &&
    cases.every(({ operands, params }) => {
      const types = operands.map((x) => x.type);
      const [result] = primitive.typeOf(types, params);
      return operands.every((x) => result?.kind === 'tensor' && sameShape(result.shape, x.shape));
    })
  );
}

/** What the samples of a primitive lack for the laws to mean anything; nothing when they do not. */
export function missingSamples(primitive: Primitive): string[] {
  const cases = casesOf(primitive);
  const shapes = cases.flatMap(({ operands, params }) => {
    const types = operands.map((x) => x.type);
    return [...types, ...primitive.typeOf(types, params)].flatMap((type) =>
      type.kind === 'tensor' ? [type.shape] : [],
    );
  });
  const missing: string[] = [];
  if (!shapes.some((shape) => sizeOf(shape) === 0)) missing.push('empty');
  if (!shapes.some((shape) => sizeOf(shape) === 1)) missing.push('of size 1');
  if (!shapes.some((shape) => shape.some((n) => n > 1 && n % 2 === 1)))
    missing.push('of odd extent');
  if (isElementwiseOnFloats(primitive)) {
    const values = cases.flatMap(({ operands }) => operands.flatMap((x) => [...x.dataSync()]));
    for (const [name, test] of special) if (!values.some(test)) missing.push(`with ${name}`);
  }
  return missing;
}
