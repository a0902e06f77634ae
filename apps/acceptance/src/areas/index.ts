import type { Area } from '../line.ts';
import { assimilation } from './assimilation.ts';
import { control } from './control.ts';
import { core } from './core.ts';
import { fem } from './fem.ts';
import { graph } from './graph.ts';
import { iterators } from './iterators.ts';
import { meta } from './meta.ts';
import { render } from './render.ts';
import { sequence } from './sequence.ts';
import { solve } from './solve.ts';
import { together } from './together.ts';
import { vae } from './vae.ts';
import { vision } from './vision.ts';

/** All areas, in the order in which they are measured. */
export const areas: readonly Area[] = [
  core,
  solve,
  iterators,
  fem,
  control,
  assimilation,
  sequence,
  graph,
  render,
  vae,
  vision,
  meta,
  together,
];
