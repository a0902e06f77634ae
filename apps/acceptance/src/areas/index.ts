import type { Area } from '../line.ts';
import { assimilation } from './assimilation.ts';
import { control } from './control.ts';
import { fem } from './fem.ts';
import { iterators } from './iterators.ts';
import { meta } from './meta.ts';
import { solve } from './solve.ts';

/** All areas, in the order in which they are measured. */
export const areas: readonly Area[] = [solve, iterators, fem, control, assimilation, meta];
