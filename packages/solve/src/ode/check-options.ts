import { isConcrete, ShapeError, type Tensor, type TensorLike, tensor, tree } from '@grad/core';
import { checkChoice, checkCount, checkNumber, checkOptions } from '../check.ts';
import type { OdeOptions } from './options.ts';
import { isFixed } from './solver.ts';

const options = [
  'method',
  'args',
  'rtol',
  'atol',
  'adjoint',
  'maxSteps',
  'events',
  'firstStep',
  'stepSize',
  'controller',
] as const;
const ofAdaptive = ['rtol', 'atol', 'events', 'firstStep', 'controller'] as const;

/** Refuses options that make no sense, alone or with the method. */
export function checkOdeOptions<Y, A>(name: string, given: OdeOptions<Y, A>): void {
  checkOptions(name, given, options);
  const { method = 'tsit5', adjoint = 'discrete', maxSteps, rtol, firstStep, stepSize } = given;
  checkChoice(name, 'method', method, ['tsit5', 'dopri5', 'dopri8', 'rodas5p', 'rk4', 'euler']);
  checkChoice(name, 'adjoint', adjoint, [
    'discrete',
    'checkpointed',
    'backsolve',
    'interpolating',
    'forward',
  ]);
  const foreign = isFixed(method)
    ? ofAdaptive.find((option) => given[option] !== undefined)
    : stepSize !== undefined && 'stepSize';
  if (foreign) {
    throw new TypeError(
      `${name}: ${foreign} is not for '${method}', whose steps ${isFixed(method) ? 'are all of one size' : 'follow from the tolerances'}.`,
    );
  }
  if (given.events?.length && adjoint !== 'discrete' && adjoint !== 'checkpointed') {
    throw new TypeError(
      `${name}: events need the adjoint 'discrete' or 'checkpointed'; it is '${adjoint}'.`,
    );
  }
  if (isFixed(method) && adjoint === 'interpolating') {
    throw new TypeError(
      `${name}: the adjoint 'interpolating' needs an interpolant, which '${method}' does not have.`,
    );
  }
  if (maxSteps !== undefined) checkCount(name, 'maxSteps', maxSteps);
  if (rtol !== undefined) checkNumber(name, 'rtol', rtol, { least: 0 });
  if (firstStep !== undefined) checkNumber(name, 'firstStep', firstStep, { above: 0 });
  if (stepSize !== undefined) checkNumber(name, 'stepSize', stepSize, { above: 0 });
  const { controller = {} } = given;
  checkOptions(`${name}: controller`, controller, [
    'safety',
    'minFactor',
    'maxFactor',
    'integral',
    'proportional',
  ]);
  for (const [option, value] of Object.entries(controller)) {
    checkNumber(name, `controller.${option}`, value, controllerBounds[option] ?? {});
  }
}

const controllerBounds: Record<string, { above?: number; least?: number; most?: number }> = {
  safety: { above: 0, most: 1 },
  minFactor: { above: 0, most: 1 },
  maxFactor: { above: 1 },
  integral: { above: 0 },
  proportional: { least: 0 },
};

/** Times as a vector of the dtype of the state. */
export function checkTimes(name: string, times: TensorLike, y0: Tensor): Tensor {
  const ts = tensor(times).astype(y0.dtype);
  if (ts.ndim !== 1 || ts.size === 0) {
    throw new ShapeError(
      `${name}: ts has shape [${ts.shape.join(', ')}]; give a vector of at least one time.`,
    );
  }
  if (isConcrete(ts)) ts.read((values) => checkOrder(name, Array.from(values, Number)));
  return ts;
}

function checkOrder(name: string, values: readonly number[]): void {
  const sign = Math.sign((values.at(-1) ?? 0) - (values[0] ?? 0));
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) {
      throw new RangeError(`${name}: ts[${i}] is ${value}; times are finite.`);
    }
    const before = values[i - 1];
    if (before !== undefined && !((value - before) * sign > 0)) {
      throw new RangeError(
        `${name}: ts[${i}] = ${value} follows ${before}; times must all ascend or all descend.`,
      );
    }
  });
}

/** The absolute tolerance, one number or one for each element. */
export function toleranceOf(
  name: string,
  given: unknown,
  y0: Tensor,
  size: readonly Tensor[],
): Tensor {
  if (given === undefined) return tensor(y0.dtype === 'float32' ? 1e-6 : 1e-9, { dtype: y0.dtype });
  if (typeof given === 'number') {
    checkNumber(name, 'atol', given, { least: 0 });
    return tensor(given, { dtype: y0.dtype });
  }
  const shapes = (leaves: readonly Tensor[]): string =>
    leaves.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
  const leaves = tree.leaves(given);
  if (shapes(leaves) !== shapes(size)) {
    throw new ShapeError(
      `${name}: atol has the shapes ${shapes(leaves)}, y0 has ${shapes(size)}; give one number, or one for each element of y0.`,
    );
  }
  return tree.ravel(given)[0].astype(y0.dtype);
}
