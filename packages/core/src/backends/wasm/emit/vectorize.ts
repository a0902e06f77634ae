import type { Expr, Loop } from '../../../kernel/expr.ts';
import type { Lanes } from '../../../kernel/lane/node.ts';
import type { Statement } from '../../../kernel/statement.ts';
import { effectsOf } from './effects.ts';
import { type LoopProfile, profileBody, profileExprs } from './profile.ts';

type For = Extract<Statement, { do: 'for' }>;

/** Loops directly inside each other, whose iterations are all independent. */
export interface VectorNest {
  readonly outer: readonly For[];
  /** Its iterations become lanes. */
  readonly inner: For;
  readonly lanes: Lanes;
  readonly body: readonly Statement[];
  /** Operations of one iteration, and about how many instructions they are. */
  readonly operations: number;
  readonly instructions: number;
}

/**
 * Chooses the loop whose iterations become lanes: one in which most loads and stores are of
 * neighbours. Independent loops may change places, so it becomes the innermost. Undefined where
 * scalar code, or vectors inside a reduction, are better.
 */
export function vectorNest(statement: For): VectorNest | undefined {
  const loops: For[] = [];
  let body: readonly Statement[] = [statement];
  for (;;) {
    const [only] = body;
    if (only?.do !== 'for' || body.length > 1 || !only.parallel) break;
    if (loops.length > 0 && only.loop.extent === undefined) break;
    loops.push(only);
    body = only.body;
  }
  if (loops.some(({ loop }) => loop.extent === 0)) return undefined;
  if (loops.length === 0 || !body.every(hasVectorForm) || effectsOf(body).drives) return undefined;
  const nested = loops.length > 1;
  let best: { at: number; profile: LoopProfile } | undefined;
  loops.forEach(({ loop }, at) => {
    if (nested && loop.extent === undefined) return;
    const profile = profileBody(body, loop);
    if ((loop.extent ?? 4) < profile.lanes || !pays(profile, body)) return;
    if (!best || profile.scattered <= best.profile.scattered) best = { at, profile };
  });
  if (!best) return undefined;
  const { at, profile } = best;
  const { lanes, operations, instructions } = profile;
  const inner = loops[at];
  if (!inner) return undefined;
  const outer = loops.filter((loop) => loop !== inner);
  return { outer, inner, lanes, body, operations, instructions };
}

function hasVectorForm(statement: Statement): boolean {
  return statement.do === 'store' || statement.do === 'set' || statement.do === 'reduce';
}

/** Whether lanes are worth their price, and not better taken by the reductions inside. */
function pays(profile: LoopProfile, body: readonly Statement[]): boolean {
  const inside = body.filter((statement) => statement.do === 'reduce');
  if (inside.length === 0) {
    const { contiguous, heavy, operations } = profile;
    return profile.scattered === 0 || contiguous + 2 * heavy + operations / 4 > profile.scattered;
  }
  let scattered = 0;
  for (const { loops, value } of inside) {
    const last = loops.at(-1);
    if (last) scattered += scatteredAlong(value, last);
  }
  return profile.scattered <= scattered;
}

function scatteredAlong(value: Expr, loop: Loop): number {
  const { lanes, scattered, contiguous } = profileExprs([value], loop);
  return (loop.extent ?? 0) < lanes ? scattered + contiguous : scattered;
}
