import type { Area } from '../line.ts';
import { fem } from './fem.ts';
import { iterators } from './iterators.ts';

/** All areas, in the order in which they are measured. */
export const areas: readonly Area[] = [iterators, fem];
