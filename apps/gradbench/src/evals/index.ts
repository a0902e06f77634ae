import type { Eval } from '../task.ts';
import { ba } from './ba.ts';
import { det } from './det.ts';
import { gmm } from './gmm.ts';
import { hello } from './hello.ts';
import { ht } from './ht.ts';
import { kmeans } from './kmeans.ts';
import { llsq } from './llsq.ts';
import { lse } from './lse.ts';
import { lstm } from './lstm.ts';
import { ode } from './ode.ts';
import { particle } from './particle.ts';
import { saddle } from './saddle.ts';

/** The evals, by the names of their modules. */
export const evals: ReadonlyMap<string, Eval> = new Map(
  Object.entries({
    hello,
    ba,
    det,
    gmm,
    ht,
    kmeans,
    llsq,
    lse,
    lstm,
    ode,
    particle,
    saddle,
  }),
);
