import type { Params } from '../program/program.ts';
import type { Primitive, PrimitiveRules } from './define.ts';

/** What the laws hold a primitive to. */
export interface Laws extends Pick<Primitive, 'reference' | 'samples'> {
  readonly primitive: Primitive;
}

/**
 * What the laws hold a primitive to, apart from its rules, so that a page does not load it: only
 * tests ask for it.
 */
/* @__NO_SIDE_EFFECTS__ */
export function forLaws<const Arity extends number = number, P extends Params = Params>(
  primitive: Primitive,
  laws: Pick<PrimitiveRules<Arity, P>, 'reference' | 'samples'>,
): Laws {
  return { primitive, ...laws };
}
