import {
  concatenate,
  cond,
  isfinite,
  type LoopCheckpoint,
  logicalAnd,
  logicalNot,
  maximum,
  minimum,
  scan,
  sign,
  stopGradient,
  type Tensor,
  tensor,
  where,
  whileLoop,
  zeros,
} from '@grad/core';
import { polynomial } from './combination.ts';
import { crossings, type EventFunctions, endOf } from './events.ts';
import type { AdaptiveMethod, Slope, TakenStep, Trial } from './method.ts';
import { codeOf, type OdeStatus } from './status.ts';
import {
  errorNorm,
  firstStepSize,
  type StepController,
  stepFactor,
  type Tolerances,
} from './step-size.ts';

/** What a solve of a vector equation is made of. */
export interface AdaptiveProblem {
  readonly f: Slope;
  readonly y0: Tensor;
  readonly ts: Tensor;
  readonly method: AdaptiveMethod;
  readonly tolerances: Tolerances;
  readonly controller: StepController;
  readonly maxSteps: number;
  readonly firstStep: Tensor | undefined;
  readonly events: EventFunctions;
  readonly checkpoint: LoopCheckpoint;
}

/** The end of a solve. */
export interface SolvedVector {
  /** `[times, n]`; NaN where the solution did not get. */
  readonly ys: Tensor;
  readonly code: Tensor;
  readonly steps: Tensor;
  readonly rejected: Tensor;
  readonly evaluations: Tensor;
  /** Where the solve ended. */
  readonly t: Tensor;
  readonly y: Tensor;
  /** Which event ended it, or -1. */
  readonly event: Tensor;
}

/** Where the solve stands between two steps. */
export interface Position {
  readonly t: Tensor;
  readonly y: Tensor;
  readonly memory: readonly Tensor[];
  /** The step to try next. */
  readonly h: Tensor;
  readonly errorBefore: Tensor;
  readonly refused: Tensor;
  /** How many steps more than not were bound by stability of late. */
  readonly stiff: Tensor;
  readonly steps: Tensor;
  readonly rejected: Tensor;
  readonly code: Tensor;
  readonly events: Tensor;
  readonly last: TakenStep;
}

const count = (n: number): Tensor => tensor(n, { dtype: 'int32' });
/** Steps bound by stability after which an equation is called stiff (Hairer and Wanner 1996, IV.2). */
const stiffSteps = 15;

/** A solve that is about to make its first step. */
export interface StartedSolve {
  readonly start: Position;
  readonly end: Tensor;
  /** 1 or -1, as time goes. */
  readonly direction: Tensor;
}

/** Evaluates f at the start, and chooses the first step. */
export function startSolve(problem: AdaptiveProblem): StartedSolve {
  const { f, y0, ts, method, tolerances, events } = problem;
  const [t0, end] = [ts.at(0), ts.at(-1)];
  const direction = sign(stopGradient(end.sub(t0)));
  const slope = f(t0, y0);
  const from = { t: stopGradient(t0), y: stopGradient(y0), slope: stopGradient(slope) };
  const span = stopGradient(end.sub(t0));
  const h =
    problem.firstStep?.abs() ?? firstStepSize(f, { ...from, span }, tolerances, method.errorOrder);
  const fine = logicalAnd(isfinite(from.slope).all(), isfinite(from.y).all());
  const zero = zeros(y0.shape).astype(y0.dtype);
  const start: Position = {
    t: t0,
    y: y0,
    memory: method.start(slope),
    h: stopGradient(h.mul(direction)),
    errorBefore: tensor(1, { dtype: y0.dtype }),
    refused: tensor(false),
    stiff: count(0),
    steps: count(0),
    rejected: count(0),
    code: where(fine, count(codeOf('success')), count(codeOf('notFinite'))),
    events: events.values(t0, y0),
    last: {
      t: t0,
      y: y0,
      h: tensor(0, { dtype: y0.dtype }),
      stages: Array.from({ length: method.stages }, () => zero),
    },
  };
  return { start, end, direction };
}

/** Whether a solve has a step to make before some time. */
export function isBefore(at: Position, time: Tensor, direction: Tensor): Tensor {
  return logicalAnd(at.code.eq(codeOf('success')), time.sub(at.t).mul(direction).gt(0));
}

/** Follows y' = f(t, y) by steps whose sizes follow from estimated errors. */
export function adaptiveSolve(problem: AdaptiveProblem): SolvedVector {
  const { f, y0, ts, method, events, checkpoint } = problem;
  const { start, end, direction } = startSolve(problem);
  const [final, later] = scan(
    (from: Position, target: Tensor) => {
      const at = whileLoop(
        (now: Position) => isBefore(now, stopGradient(target), direction),
        (now: Position) => attempt(now, { ...problem, end, direction }),
        from,
        { checkpoint },
      );
      const value = cond(
        stopGradient(target).eq(stopGradient(end)),
        (now: Position, _: Tensor) => now.y,
        ({ last }: Position, time: Tensor) => {
          const moved = last.h.ne(0);
          const theta = time.sub(last.t).div(where(moved, last.h, 1));
          // Beyond the last step there is nothing to see, and polynomials grow.
          const inside = logicalAnd(moved, stopGradient(theta).le(1));
          return polynomial(last.y, method.interpolant(f, last), where(inside, theta, 0));
        },
        at,
        target,
      );
      return [at, value];
    },
    start,
    ts.at([1, null]),
  );
  const { index, t, y } = endOf(f, method, final, events);
  const known = stopGradient(ts.sub(t)).mul(direction).le(0);
  const ys = concatenate([y0.expandDims(0), later]);
  return {
    ...workOf(final, problem),
    ys: where(known.expandDims(1), ys, Number.NaN),
    t,
    y,
    event: index,
  };
}

/** How much work it was to get to a position, and how it ended. */
export function workOf(
  { code, steps, rejected }: Position,
  { method, firstStep }: AdaptiveProblem,
): Pick<SolvedVector, 'code' | 'steps' | 'rejected' | 'evaluations'> {
  const before = (method.start(steps).length > 0 ? 1 : 0) + (firstStep ? 0 : 1);
  return {
    code,
    steps,
    rejected,
    evaluations: steps.add(rejected).mul(method.evaluations).add(Math.max(before, 1)),
  };
}

/** Tries one step; what is refused leaves the position and makes the step smaller. */
export function attempt(
  now: Position,
  problem: AdaptiveProblem & { readonly end: Tensor; readonly direction: Tensor },
): Position {
  const { f, method, tolerances, controller, maxSteps, events, end } = problem;
  const left = end.sub(now.t);
  const isLast = stopGradient(left).abs().le(now.h.abs().mul(1.01));
  const h = where(isLast, left, now.h);
  const trial = method.step(f, now.t, now.y, now.memory, h);
  const error = errorNorm(
    trial.errors.map(stopGradient),
    stopGradient(now.y),
    stopGradient(trial.y),
    tolerances,
  );
  const finite = [trial.y, ...trial.memory].map((x) => isfinite(stopGradient(x)).all());
  const accepted = finite.reduce(logicalAnd, error.le(1));
  const factor = stepFactor(
    where(accepted, error, maximum(error, 1)),
    now.errorBefore,
    controller,
    method.errorOrder,
  );
  const mayGrow = logicalAnd(accepted, logicalNot(now.refused));
  const next = stopGradient(h).mul(where(mayGrow, factor, minimum(factor, 1)));

  const keep = (fresh: Tensor, old: Tensor): Tensor => where(accepted, fresh, old);
  const t = keep(where(isLast, end, now.t.add(h)), now.t);
  const y = keep(trial.y, now.y);
  const steps = now.steps.add(accepted.astype('int32'));
  const rejected = now.rejected.add(logicalNot(accepted).astype('int32'));
  const stiff = keep(stiffness(trial, method, now.stiff), now.stiff);
  const values = keep(events.values(stopGradient(t), stopGradient(y)), now.events);
  const ended = logicalAnd(accepted, crossings(now.events, values, events).any());
  const smallest = stopGradient(t)
    .abs()
    .mul(unitRoundoff(y) * 10);
  const tooSmall = logicalAnd(logicalNot(accepted), next.abs().le(smallest));
  const usedUp = logicalAnd(steps.add(rejected).ge(maxSteps), logicalNot(t.eq(end)));
  return {
    t,
    y,
    memory: trial.memory.map((fresh, i) => keep(fresh, now.memory[i] ?? fresh)),
    h: next,
    errorBefore: keep(error, now.errorBefore),
    refused: logicalNot(accepted),
    stiff,
    steps,
    rejected,
    code: codeWhere([
      [ended, 'event'],
      [logicalAnd(tooSmall, isfinite(error)), 'stepTooSmall'],
      [tooSmall, 'notFinite'],
      [logicalAnd(usedUp, stiff.ge(stiffSteps)), 'stiff'],
      [usedUp, 'maxSteps'],
    ]),
    events: values,
    last: {
      t: keep(now.t, now.last.t),
      y: keep(now.y, now.last.y),
      h: keep(h, now.last.h),
      stages: trial.stages.map((fresh, i) => keep(fresh, now.last.stages[i] ?? fresh)),
    },
  };
}

/** The code of the first status whose condition holds, else that of success. */
function codeWhere(cases: readonly (readonly [condition: Tensor, status: OdeStatus])[]): Tensor {
  return cases.reduceRight<Tensor>(
    (rest, [condition, status]) => where(condition, count(codeOf(status)), rest),
    count(codeOf('success')),
  );
}

/** Counts steps that are as large as stability allows, and the others back. */
function stiffness(trial: Trial, method: AdaptiveMethod, before: Tensor): Tensor {
  if (trial.stiffness === null) return before;
  const bound = trial.stiffness.gt(0.85 * method.realStability);
  return where(bound, minimum(before.add(1), 2 * stiffSteps), maximum(before.sub(1), 0));
}

function unitRoundoff(x: Tensor): number {
  return x.dtype === 'float32' ? 2 ** -23 : 2 ** -52;
}
