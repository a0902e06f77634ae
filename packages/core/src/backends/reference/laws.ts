import { exponentialLaws, exponentialTangentLaws } from '../../flow/expm.ts';
import {
  cofactorsLaws,
  determinantLaws,
  logDeterminantLaws,
} from '../../functions/linalg/determinant.ts';
import { inverseLaws } from '../../functions/linalg/inverse.ts';
import { linearSolveLaws } from '../../functions/linalg/linear-solve.ts';
import type { Primitive } from '../../primitives/define.ts';
import type { Laws } from '../../primitives/for-laws.ts';
import * as ofPrimitives from '../../primitives/laws.ts';

const apart: readonly Laws[] = [
  ...Object.values(ofPrimitives),
  cofactorsLaws,
  determinantLaws,
  exponentialLaws,
  exponentialTangentLaws,
  inverseLaws,
  linearSolveLaws,
  logDeterminantLaws,
];

const known = new Map(apart.map((laws): [Primitive, Laws] => [laws.primitive, laws]));

/** What the laws hold a primitive to, whether that is among its rules or apart. */
export function lawsOf(primitive: Primitive): Laws {
  const { reference, samples } = primitive;
  return {
    primitive,
    ...(reference && { reference }),
    ...(samples && { samples }),
    ...known.get(primitive),
  };
}
