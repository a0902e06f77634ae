import { type Block, type InputSpec, type Recipe, type Step, span } from './recipe.ts';

/**
 * A recipe that fails in the same way and has nothing left that can be taken out of it: steps,
 * functions inside steps, numbers, inputs. It tries one change after the other and keeps those with
 * which the recipe still fails, until none is left or `attempts` are used up.
 */
export function shrink(
  recipe: Recipe,
  fails: (candidate: Recipe) => boolean,
  attempts = 600,
): Recipe {
  let best = recipe;
  let left = attempts;
  for (;;) {
    let improved = false;
    for (const candidate of simpler(best)) {
      if (left-- <= 0) return best;
      if (!fails(candidate)) continue;
      best = candidate;
      improved = true;
      break;
    }
    if (!improved) return best;
  }
}

/** Recipes with one change, the largest changes first. */
function* simpler(recipe: Recipe): Generator<Recipe> {
  if (recipe.results.length === 0) {
    for (let i = 0; i < 6; i++) yield { ...recipe, results: [i * Math.floor(span / 6)] };
  }
  for (const block of simplerBlocks(recipe)) {
    if (block.results.length === recipe.results.length) yield { ...recipe, ...block };
  }
  for (const inputs of simplerInputs(recipe.inputs)) yield { ...recipe, inputs };
  if (recipe.dtype !== 'float64') yield { ...recipe, dtype: 'float64' };
}

function* simplerBlocks(block: Block): Generator<Block> {
  const { steps } = block;
  for (let size = steps.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= steps.length; at += size) {
      yield { ...block, steps: steps.toSpliced(at, size) };
    }
  }
  for (const [i, step] of steps.entries()) {
    for (const inner of step.blocks ?? []) {
      yield { ...block, steps: steps.toSpliced(i, 1, ...inner.steps) };
    }
    for (const simple of simplerSteps(step)) yield { ...block, steps: steps.with(i, simple) };
  }
  yield* simplerNumbers(block.results, (results) => ({ ...block, results }));
}

function* simplerSteps(step: Step): Generator<Step> {
  for (const [i, block] of (step.blocks ?? []).entries()) {
    for (const inner of simplerBlocks(block)) {
      yield { ...step, blocks: step.blocks?.with(i, inner) ?? [] };
    }
  }
  yield* simplerNumbers(step.picks, (picks) => ({ ...step, picks }));
}

/** Missing numbers count as 0. */
function* simplerNumbers<T>(
  numbers: readonly number[],
  put: (numbers: readonly number[]) => T,
): Generator<T> {
  if (numbers.length === 0) return;
  yield put([]);
  yield put(numbers.slice(0, -1));
  for (const [i, n] of numbers.entries()) {
    for (const smaller of new Set([0, 1, n % 2, n % 12, n % 60])) {
      if (smaller < n) yield put(numbers.with(i, smaller));
    }
  }
}

function* simplerInputs(inputs: readonly InputSpec[]): Generator<readonly InputSpec[]> {
  for (const [i, { kind, shape }] of inputs.entries()) {
    if (inputs.length > 1 && (kind !== 'float' || i > 0)) yield inputs.toSpliced(i, 1);
    if (shape.length > 0) yield inputs.with(i, { kind, shape: shape.slice(1) });
    for (const [axis, extent] of shape.entries()) {
      if (extent > 1) yield inputs.with(i, { kind, shape: shape.with(axis, extent - 1) });
    }
  }
}
