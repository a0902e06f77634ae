/**
 * 4D-Var over a long window of a large model in bounded memory: Burgers' equation, observed now and then.
 *
 *     node packages/assimilation/bench/long-window.ts [--variables 10000] [--steps 100000] [--iterations 12]
 *
 * The adjoint keeps about sqrt(2 steps) states and runs the model again from them. Progress goes to the error
 * stream; at the end stand the costs, the errors, the time of one gradient, and the peak of memory of the process.
 */

import { parseArgs } from 'node:util';
import { burgers, fourDVar, periodicCovariance, twinExperiment } from '@grad/assimilation';
import { tensor } from '@grad/core';

const { values } = parseArgs({
  options: {
    variables: { type: 'string', default: '10000' },
    steps: { type: 'string', default: '100000' },
    iterations: { type: 'string', default: '12' },
  },
});
const [n, steps, iterations] = [values.variables, values.steps, values.iterations].map(Number);
if (!(n && n >= 10 && steps && steps >= 20 && iterations && iterations >= 1)) {
  throw new RangeError('Give at least 10 variables, 20 steps and 1 iteration.');
}

const seconds = (from: number): number => (performance.now() - from) / 1000;
const peak = (): string => `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`;

// Waves steepen into fronts and pass every point while the window lasts.
const dx = 1 / n;
const model = burgers({ dt: 0.4 * dx, dx, viscosity: 0.5 * dx });
const truth = tensor(
  Float64Array.from(
    { length: n },
    (_, i) => 0.6 + 0.3 * Math.sin(2 * Math.PI * i * dx) + 0.1 * Math.sin(14 * Math.PI * i * dx),
  ),
);
const B = periodicCovariance({ shape: [n], spacing: [dx], length: 0.03, deviations: [0.05] });
const R = 0.02 ** 2;
const begin = performance.now();
const times = Array.from({ length: 20 }, (_, i) => Math.round(((i + 1) * steps) / 20));
const observe = (state: typeof truth) => state.at([0, n, 10]);
const { background, observations } = twinExperiment({ model, observe, truth, B, R, steps: times });
console.log(
  `${n} variables, ${steps} steps, ${times.length} times of ${Math.ceil(n / 10)} observations`,
);
console.log(
  `truth and observations: ${seconds(begin).toFixed(1)} s; peak of memory so far ${peak()}`,
);

const problem = fourDVar({ model, observe, background, B, R, observations, checkpoint: 'online' });
const [start, cpuBefore] = [performance.now(), process.cpuUsage()];
let [shown, evaluations] = [0, 0];
const end = await problem.minimize({
  maxIterations: iterations,
  onProgress: (progress) => {
    if (performance.now() - shown < 1000) return;
    shown = performance.now();
    process.stderr.write(
      `\rgradient ${evaluations + 1}: step ${progress.steps} of about ${steps}, ${seconds(start).toFixed(0)} s, peak of memory ${peak()}  `,
    );
  },
  onIteration: (at) => {
    evaluations = at.evaluations;
    process.stderr.write('\r');
    console.log(
      `iteration ${at.iteration}: cost ${at.cost.toFixed(1)}, |gradient| ${at.gradientNorm.toExponential(2)}, ` +
        `${at.evaluations} gradients in ${seconds(start).toFixed(1)} s, peak of memory ${peak()}`,
    );
  },
});
const error = (state: typeof truth): string =>
  state.sub(truth).square().mean().sqrt().item().toExponential(2);
console.log(
  `root mean square error: background ${error(background)}, analysis ${error(end.analysis)}`,
);
const cpu = process.cpuUsage(cpuBefore);
const each = (total: number): string => (total / end.evaluations).toFixed(1);
console.log(
  `${end.status}; for each gradient ${each(seconds(start))} s, of the processor ${each((cpu.user + cpu.system) / 1e6)} s; peak of memory ${peak()}`,
);
