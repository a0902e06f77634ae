import { Noise } from '../backends/reference/noise.ts';
import { checkChoice, checkList, checkOptions, checkTolerance } from '../tensor/check.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { jvp } from '../transforms/jvp.ts';
import type { Arguments } from '../transforms/types.ts';
import { vjp } from '../transforms/vjp.ts';
import {
  allZero,
  type FlatFunction,
  flatProblem,
  GradientError,
  innerProduct,
  maxNorm,
  moved,
  type Numbers,
  numbersOf,
  pairingSize,
  randomLike,
  tensorsOf,
} from './flat-function.ts';

/** Forward mode (`jvp`) or reverse mode (`vjp`). */
export type Mode = 'fwd' | 'rev';

/** Options of `checkGrads`. */
export interface CheckGradsOptions {
  /** How often to differentiate; 2 when left out. */
  readonly order?: number;
  /** Which modes to check; both when left out. */
  readonly modes?: readonly Mode[];
  /** Error allowed in relation to the largest element; 1e-6 in float64, 5e-3 in float32. */
  readonly rtol?: number;
  /** Error allowed besides; 1e-8 in float64, 1e-3 in float32. */
  readonly atol?: number;
  /** Step of the differences; 2^-11 in float64, 2^-5 in float32. */
  readonly eps?: number;
  /** Seed of the random directions. */
  readonly seed?: number;
}

interface Settings {
  readonly modes: readonly Mode[];
  readonly rtol: number;
  readonly atol: number;
  readonly eps: number;
  readonly unit: number;
  readonly noise: Noise;
  readonly outputs: readonly string[];
}

/**
 * Checks derivatives of f, a function of trees, at the given arguments, in random directions.
 * Forward mode is held against central differences, extrapolated once to fourth order; reverse mode
 * against forward mode by the dot-product test (against the differences when `modes` leaves forward
 * mode out). The derivatives in both modes are then checked in the same way, up to `order`.
 *
 * Integer and bool arguments are held fixed. f must be smooth near the arguments. Allowed are
 * `atol + rtol |largest element|`, and besides what the rounding of f itself does to differences; the
 * two modes have to agree to 2^14 rounding units of the terms of their products.
 *
 * @throws RangeError when order or modes leave nothing to check.
 * @throws GradientError that names the check, both numbers and the error allowed; also when no
 *   derivative depends on anything, as such a check could not fail.
 * @see Ridders, Accurate computation of F'(x) and F'(x) F''(x), Advances in Engineering Software 4
 *   (1982) 75-76, on extrapolated differences.
 */
export function checkGrads<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  args: Arguments<A>,
  options: CheckGradsOptions = {},
): void {
  checkOptions('checkGrads', options, ['order', 'modes', 'rtol', 'atol', 'eps', 'seed']);
  const { order = 2, modes = ['fwd', 'rev'], rtol, atol, eps, seed = 1 } = options;
  checkList('checkGrads', 'modes', modes);
  for (const mode of modes) checkChoice('checkGrads', 'a mode', mode, ['fwd', 'rev']);
  for (const [what, value] of Object.entries({ rtol, atol, eps })) {
    if (value !== undefined) checkTolerance('checkGrads', what, value);
  }
  if (modes.length === 0 || !Number.isInteger(order) || order < 1) {
    throw new RangeError(
      `checkGrads: order ${order} and modes [${modes.join(', ')}] check nothing; give an order of at least 1 and at least one mode.`,
    );
  }
  const problem = flatProblem('checkGrads', f, args);
  const single = problem.unit > 2 ** -53;
  const settings: Settings = {
    modes,
    rtol: rtol ?? (single ? 5e-3 : 1e-6),
    atol: atol ?? (single ? 1e-3 : 1e-8),
    eps: eps ?? (single ? 2 ** -5 : 2 ** -11),
    unit: problem.unit,
    noise: new Noise(seed),
    outputs: problem.outputs,
  };
  const depends = checkOrder(problem.f, problem.point, order, '', settings);
  if (!depends) {
    throw new GradientError(
      `checkGrads: all derivatives in ${problem.inputs.join(', ')} are zero, so the check could not fail. ` +
        'Does f use its arguments, and are they where it changes?',
    );
  }
}

/** Checks one derivative and, by calling itself, those of higher order; tells whether it is not zero. */
function checkOrder(
  f: FlatFunction,
  point: readonly Tensor[],
  order: number,
  of: string,
  settings: Settings,
): boolean {
  const { modes, noise } = settings;
  const direction = randomLike(point, noise);
  const values = f(...point);
  const weights = randomLike(values, noise);
  const v = tensorsOf(direction, point);
  const w = tensorsOf(weights, values);
  const numeric = extrapolated(f, point, direction, settings.eps);
  const roundoff = (8 * settings.unit * maxNorm(numbersOf(values))) / settings.eps;
  const forward = (...x: readonly Tensor[]): readonly Tensor[] =>
    jvp<readonly Tensor[], readonly Tensor[]>(f, x, v)[1];
  const reverse = (...x: readonly Tensor[]): readonly Tensor[] =>
    vjp<readonly Tensor[], readonly Tensor[]>(f, ...x)[1](w);

  let depends = false;
  let tangents = numeric;
  if (modes.includes('fwd')) {
    tangents = numbersOf(forward(...point));
    compareTangents(tangents, numeric, roundoff, of, settings);
    depends ||= !allZero(tangents);
  }
  if (modes.includes('rev')) {
    const cotangents = numbersOf(reverse(...point));
    comparePairings(cotangents, direction, weights, tangents, roundoff, of, settings);
    depends ||= !allZero(cotangents);
  }
  if (order > 1) {
    const next = { fwd: forward, rev: reverse };
    const names = { fwd: 'forward', rev: 'reverse' };
    for (const mode of modes) {
      const inner: Settings = { ...settings, outputs: [] };
      checkOrder(next[mode], point, order - 1, `${of} of the ${names[mode]} derivative`, inner);
    }
  }
  return depends;
}

/** Derivative along a direction by central differences of two steps, to fourth order. */
function extrapolated(
  f: FlatFunction,
  point: readonly Tensor[],
  direction: Numbers,
  eps: number,
): Numbers {
  const difference = (h: number): Numbers => {
    const up = numbersOf(f(...moved(point, h, direction)));
    const down = numbersOf(f(...moved(point, -h, direction)));
    return up.map((x, i) => x.map((value, k) => (value - (down[i]?.[k] ?? 0)) / (2 * h)));
  };
  const wide = difference(eps);
  return difference(eps / 2).map((near, i) =>
    near.map((value, k) => (4 * value - (wide[i]?.[k] ?? 0)) / 3),
  );
}

function compareTangents(
  forward: Numbers,
  numeric: Numbers,
  roundoff: number,
  of: string,
  { rtol, atol, outputs }: Settings,
): void {
  numeric.forEach((expected, i) => {
    const allowed = atol + roundoff + rtol * maxNorm([expected]);
    expected.forEach((y, k) => {
      const x = forward[i]?.[k] ?? Number.NaN;
      if (Math.abs(x - y) <= allowed) return;
      throw new GradientError(
        `checkGrads: forward mode${of} disagrees with central differences in ${outputs[i] ?? `result ${i}`}, element ${k}: ` +
          `${x} (jvp) and ${y} (differences) differ by ${Math.abs(x - y)}, allowed is ${allowed}.`,
      );
    });
  });
}

function comparePairings(
  cotangents: Numbers,
  direction: Numbers,
  weights: Numbers,
  tangents: Numbers,
  roundoff: number,
  of: string,
  { modes, rtol, atol, unit }: Settings,
): void {
  const reverse = innerProduct(cotangents, direction);
  const other = innerProduct(weights, tangents);
  const size = Math.max(pairingSize(cotangents, direction), pairingSize(weights, tangents));
  const exact = modes.includes('fwd');
  const allowed = exact
    ? 2 ** 14 * unit * size
    : rtol * size + (atol + roundoff) * absoluteSum(weights);
  if (Math.abs(reverse - other) <= allowed) return;
  throw new GradientError(
    `checkGrads: reverse mode${of} disagrees with ${exact ? 'forward mode' : 'central differences'}: the products of ` +
      `cotangent and direction, ${reverse} (vjp) and ${other} (${exact ? 'jvp' : 'differences'}), differ by ${Math.abs(reverse - other)}, allowed is ${allowed}.`,
  );
}

function absoluteSum(numbers: Numbers): number {
  return numbers.reduce((sum, x) => x.reduce((rest, value) => rest + Math.abs(value), sum), 0);
}
