import type { Element, ElementName } from './element.ts';
import { q4 } from './q4.ts';
import { t3 } from './t3.ts';

/** The kinds of elements, by name. */
export const elementKinds: { readonly [N in ElementName]: Element } = { t3, q4 };
