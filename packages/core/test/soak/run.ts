// Long runs that show how much memory the library takes.
//
//   node test/soak/run.ts [share of the full size] [name of one workload]
//   node test/soak/run.ts --minutes N
//   node test/soak/run.ts --memory

import { parseArgs } from 'node:util';
import { runMemory } from './memory.ts';
import { runMinutes } from './minutes.ts';
import { runWorkloads } from './workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string' }, memory: { type: 'boolean' } },
});
const [share = '1', only] = positionals;
const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
if (minutes !== undefined && !(minutes > 0)) {
  throw new Error(`--minutes takes a number of minutes; it is ${values.minutes}.`);
}
if (values.memory) runMemory();
else if (minutes !== undefined) await runMinutes(minutes);
else runWorkloads(Number(share), only);
