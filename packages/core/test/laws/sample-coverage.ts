import type { Primitive } from '../../src/primitives/define.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { casesOf } from './cases.ts';

const special: readonly (readonly [string, (x: number) => boolean])[] = [
  ['NaN', Number.isNaN],
  ['Infinity', (x) => x === Number.POSITIVE_INFINITY],
  ['-Infinity', (x) => x === Number.NEGATIVE_INFINITY],
  ['0', (x) => Object.is(x, 0)],
  ['-0', (x) => Object.is(x, -0)],
  ['a denormal', (x) => x !== 0 && Math.abs(x) < 2 ** -126],
];

/** What the samples of a primitive lack for the laws to mean anything; nothing when they do not. */
export function missingSamples(primitive: Primitive, elementwiseOnFloats: boolean): string[] {
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
  if (elementwiseOnFloats) {
    const values = cases.flatMap(({ operands }) => operands.flatMap((x) => [...x.dataSync()]));
    for (const [name, test] of special) if (!values.some(test)) missing.push(`with ${name}`);
  }
  return missing;
}
