import type { Tensor } from '@grad/core';

/**
 * How a solve ended:
 * - `success`: it reached the last time;
 * - `event`: a terminal event ended it before;
 * - `maxSteps`: the steps are used up;
 * - `stiff`: the steps are used up, and stability kept them small: take a stiff method;
 * - `stepTooSmall`: no step is small enough, so the solution has a singularity or f a jump;
 * - `notFinite`: f is NaN or infinite.
 */
export type OdeStatus = 'success' | 'event' | 'maxSteps' | 'stiff' | 'stepTooSmall' | 'notFinite';

const names: readonly OdeStatus[] = [
  'success',
  'event',
  'maxSteps',
  'stiff',
  'stepTooSmall',
  'notFinite',
];

/** The number that stands for a status in compiled code. */
export function codeOf(status: OdeStatus): number {
  return names.indexOf(status);
}

/**
 * The status that the `code` of a solution stands for, where it has a value: use it on what a compiled
 * function returned.
 *
 * @throws RangeError when no status has that number.
 */
export function odeStatus(code: Tensor | number): OdeStatus {
  const number = typeof code === 'number' ? code : code.item();
  const name = names[number];
  if (name === undefined) {
    throw new RangeError(
      `odeStatus: ${number} is not the code of a status; codes are 0 to ${names.length - 1}.`,
    );
  }
  return name;
}

/** A status in words, with the numbers that led to it. */
export function messageOf(
  status: OdeStatus,
  {
    method,
    t,
    maxSteps,
  }: { readonly method: string; readonly t: number; readonly maxSteps: number },
): string {
  switch (status) {
    case 'success':
      return `The solution was followed to t = ${t}.`;
    case 'event':
      return `An event ended the solution at t = ${t}.`;
    case 'maxSteps':
      return `After ${maxSteps} steps, ${method} stands at t = ${t}. Raise maxSteps, or ask for less accuracy.`;
    case 'stiff':
      return `After ${maxSteps} steps, ${method} stands at t = ${t}, and its steps are as small as its stability demands: the problem is stiff. Use method: 'rodas5p'.`;
    case 'stepTooSmall':
      return `At t = ${t} no step is small enough for the accuracy that was asked for: the solution may have a singularity there, f may jump, or rtol and atol are below rounding.`;
    case 'notFinite':
      return `At t = ${t} f is NaN or infinite, however small the step.`;
  }
}
