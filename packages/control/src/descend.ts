import { type Tensor, tensor, zeros } from '@grad/core';
import type { Beginning, Ilqr, Pull } from './ilqr.ts';
import { numbers, sentence } from './nonlinear.ts';
import type { ControlSolution, ControlViolation, FollowOptions } from './solution.ts';

/** Violations that are small enough. */
const small = 1e-9;
/** Violations that are named. */
const named = 1e-6;
/** The share by which the model of a change may fall for it to be the last. */
const tolerance = 1e-14;
/** The largest weight of violations. */
const mostWeight = 1e9;
const longestBlock = 16;

/** A way that was found. */
export interface Descent {
  readonly controls: Tensor;
  readonly states: Tensor;
  readonly costates: Tensor;
  readonly cost: number;
  readonly gradient: Tensor | null;
  readonly status: ControlSolution['status'];
  readonly message: string;
  readonly iterations: number;
  readonly violated: readonly ControlViolation[];
  /** Where to start a problem from that is much like this one. */
  readonly pull: Pull;
}

/** Goes down from controls [N, m], and multipliers where they are known. */
export async function descend(
  ilqr: Ilqr,
  from: Beginning,
  start: { readonly controls: Tensor; readonly pull?: Pull | undefined },
  { maxIterations, signal, onIteration }: FollowOptions,
): Promise<Descent> {
  const { look, search, plain, wanted, limits, q, count } = ilqr;
  const isHeld = q > 0 || wanted.length > 0;
  let us = start.controls.maximum(ilqr.lower).minimum(ilqr.upper);
  let pull = start.pull ?? {
    path: zeros([count, q]),
    end: zeros([wanted.length]),
    weight: tensor(isHeld ? 10 : 1),
  };
  let shift = 0;
  let before = Infinity;
  let iterations = 0;
  let here = look(from, us, pull, tensor(shift));
  let since = performance.now();
  const violation = (): number =>
    Math.max(0, ...numbers(here.miss).map(Math.abs), ...numbers(here.over));

  for (; ; iterations++) {
    if (performance.now() - since > longestBlock) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
    if (signal?.aborted) return end('aborted', 'The signal was aborted');
    const cost = here.cost.item();
    const { policy } = here;
    const [change, curvature] = [policy.change.item(), policy.curvature.item()];
    onIteration?.({ iteration: iterations, value: cost, violation: violation(), error: -change });
    if (!Number.isFinite(cost)) {
      return end('notFinite', 'The cost is not finite; start from another guess');
    }
    if (cost < -1e15) return end('unbounded', 'The cost falls without end');
    if (iterations >= maxIterations) return end('maxIterations', 'The iterations were used up');
    if (!(curvature > 0) || !Number.isFinite(change)) {
      if (!stiffen()) return end('stuck', 'No shift makes the second derivatives positive');
      continue;
    }
    if (-change <= tolerance * (1 + Math.abs(cost))) {
      if (violation() <= small) return end('converged', 'Converged');
      if (!strengthen()) {
        return end('infeasible', 'No way was found that holds all constraints');
      }
      continue;
    }
    const tried = search(from, us, here.states, policy, pull);
    const costs = numbers(tried.cost);
    const rounding = 1e-15 * (1 + Math.abs(cost));
    const best = costs.findIndex((value, i) => value - rounding <= cost + 1e-4 * 0.5 ** i * change);
    if (best < 0) {
      if (-change <= 1e-9 * (1 + Math.abs(cost)) || !stiffen()) {
        // No digits are left to see the cost fall.
        if (violation() <= small) return end('converged', 'Converged');
        if (!strengthen()) return end('stuck', 'No change makes it better');
      }
      continue;
    }
    us = tried.controls.at(best);
    if (best === 0) shift = shift < 1e-20 ? 0 : shift / 16;
    here = look(from, us, pull, tensor(shift));
  }

  /** More of the identity in the second derivatives; false where there is enough of it. */
  function stiffen(): boolean {
    shift = Math.max(1e-6, shift * 8);
    if (shift > 1e12) return false;
    here = look(from, us, pull, tensor(shift));
    return true;
  }

  /** Better multipliers, and more weight where these do not help; false where there is enough of it. */
  function strengthen(): boolean {
    const now = violation();
    const weight = pull.weight.item();
    pull = {
      path: q > 0 ? pull.path.add(here.over.mul(weight)).maximum(0) : pull.path,
      end: pull.end.add(here.miss.mul(weight)),
      weight: tensor(now > 0.1 * before ? Math.min(weight * 10, 10 * mostWeight) : weight),
    };
    before = now;
    shift = 0;
    if (weight > mostWeight) return false;
    here = look(from, us, pull, tensor(shift));
    return true;
  }

  function end(status: Descent['status'], why: string): Descent {
    const violated = violations();
    const isSound = status === 'converged';
    const note = violated.length > 0 ? `: ${sentence(violated)}` : '';
    const cost = plain(from, us).item();
    return {
      controls: us,
      states: here.states,
      costates: isSound ? here.costates : here.costates.mul(Number.NaN),
      cost,
      gradient: isSound ? ilqr.gradient(from, us, pull) : null,
      status,
      message: `${why} after ${iterations} iterations, at a cost of ${Number(cost.toPrecision(6))}${note}.`,
      iterations,
      violated,
      pull,
    };
  }

  function violations(): ControlViolation[] {
    const ends = numbers(ilqr.timesFrom(from.t)).map((t) => t + ilqr.length);
    const misses = numbers(here.miss);
    const over = numbers(here.over);
    const last = ends.at(-1) ?? 0;
    return [
      ...wanted.map(({ c }, i) => ({
        name: `terminal[${c}]`,
        amount: Math.abs(misses[i] ?? 0),
        time: last,
      })),
      ...(limits?.names ?? []).map((name, i) => {
        const values = ends.map((time, k) => ({ name, amount: over[k * q + i] ?? 0, time }));
        return values.reduce((most, one) => (one.amount > most.amount ? one : most));
      }),
    ]
      .filter(({ amount }) => amount > named || Number.isNaN(amount))
      .sort((a, b) => b.amount - a.amount);
  }
}
