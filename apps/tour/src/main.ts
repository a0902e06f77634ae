import { jobs } from './jobs/index.ts';
import { runProcess } from './run-process.ts';

await runProcess(jobs);
