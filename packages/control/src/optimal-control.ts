import { concatenate, cumsum, grad, ones, type Tensor, tensor, vmap } from '@grad/core';
import { collocate } from './collocation.ts';
import { hamiltonian } from './hamiltonian.ts';
import { shoot } from './indirect.ts';
import { type ControlProblem, type FullProblem, fullProblem } from './problem.ts';
import type { ControlOptions, ControlSolution } from './solution.ts';

/**
 * A problem of optimal control, to be solved by direct collocation, or by indirect shooting on the equations of
 * Pontryagin's principle, which are derived from the problem. Functions must be pure; a solution that
 * is not found is a status, not an exception.
 *
 * @throws TypeError or RangeError when the problem or an option makes no sense.
 * @see J. Betts, Practical methods for optimal control (2010), chapter 4; A. Bryson and Y. Ho, Applied optimal
 * control (1975), chapters 2 and 3.
 */
export function optimalControl(given: ControlProblem): {
  /** Solves it; how it ended is said by `status` and `message`. */
  solve(options?: ControlOptions): Promise<ControlSolution>;
} {
  const problem = fullProblem(given, tensor(0));
  return { solve: (options = {}) => solve(problem, options) };
}

async function solve(problem: FullProblem, options: ControlOptions): Promise<ControlSolution> {
  const { method = 'collocation', intervals = 20, scheme = 'radau', maxIterations = 500 } = options;
  const { arcs = ['free'], phases = arcs.length, signal, onIteration } = options;
  for (const [name, value] of Object.entries({ intervals, phases })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`optimalControl: ${name} is ${value}; it is a whole number from 1.`);
    }
  }
  for (const arc of arcs) {
    if (arc !== 'free' && !problem.bounds.controls?.[arc]) {
      throw new RangeError(
        `optimalControl: an arc is '${arc}', and bounds.controls.${arc} is not given.`,
      );
    }
  }
  const isIndirect = method === 'indirect';
  const layout = { phases: isIndirect ? arcs.length : phases, arcs, intervals, scheme };
  const direct = await collocate(problem, layout, { maxIterations, signal, onIteration });
  const { status, message, violated } = direct.found;
  const firstEnd = { status, message, violated };
  if (!isIndirect || status !== 'converged') {
    const defects = violated[0]?.amount ?? 0;
    return finish(problem, layout, direct, { cost: direct.found.value, defects, ...firstEnd });
  }
  const start = { costate: direct.costates.at(0), durations: direct.durations };
  const exact = await shoot(problem, arcs, intervals, start, { signal, maxIterations });
  const defects = exact.found.residual.item();
  const end = exact.found.status ?? 'stalled';
  return finish(problem, layout, exact, {
    cost: exact.cost.item(),
    defects,
    status: end,
    message: `Shooting ended after ${exact.found.iterations.item()} iterations with a residual of ${defects}.`,
    violated: end === 'converged' ? [] : [{ name: 'shooting', amount: defects }],
  });
}

type Path = Pick<ControlSolution, 'states' | 'controls' | 'costates'> & { durations: Tensor };
type End = Pick<ControlSolution, 'cost' | 'defects' | 'status' | 'message' | 'violated'>;

function finish(
  problem: FullProblem,
  { phases, intervals }: { phases: number; intervals: number },
  { states, controls, costates, durations }: Path,
  end: End,
): ControlSolution {
  const steps = durations
    .div(intervals)
    .reshape([phases, 1])
    .mul(ones([phases, intervals]));
  const H = (x: Tensor, p: Tensor, u: Tensor): Tensor => hamiltonian(problem, x, p, u);
  return {
    times: concatenate([tensor([0]), cumsum(steps.reshape([phases * intervals]))]),
    states,
    controls,
    costates,
    hamiltonian: vmap(H)(states, costates, controls),
    switching: vmap(grad(H, { argnums: 2 }))(states, costates, controls),
    switches: [...cumsum(durations).dataSync()].map(Number),
    ...end,
  };
}
