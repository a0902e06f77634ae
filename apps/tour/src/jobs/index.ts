import type { Job } from '../job.ts';
import { adaptJob } from './adapt/adapt-job.ts';
import { depthJob } from './depth/depth-job.ts';
import { dreamJob } from './dream/dream-job.ts';
import { flowJob } from './flow/flow-job.ts';
import { isingJob } from './ising/ising-job.ts';
import { moleculeJob } from './molecule/molecule-job.ts';
import { moonJob } from './moon/moon-job.ts';
import { nerfJob } from './nerf/nerf-job.ts';
import { pagerankJob } from './pagerank/pagerank-job.ts';
import { shapeJob } from './shape/shape-job.ts';
import { spliceJob } from './splice/splice-job.ts';
import { topologyJob } from './topology/topology-job.ts';
import { unrenderJob } from './unrender/unrender-job.ts';
import { visionJob } from './vision/vision-job.ts';
import { weatherJob } from './weather/weather-job.ts';

/** The jobs of the tour, in the order in which they run. */
export const jobs: readonly Job[] = [
  visionJob,
  dreamJob,
  adaptJob,
  moonJob,
  weatherJob,
  shapeJob,
  topologyJob,
  unrenderJob,
  nerfJob,
  spliceJob,
  moleculeJob,
  depthJob,
  pagerankJob,
  isingJob,
  flowJob,
];
