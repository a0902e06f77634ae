import type { ScanParams, SwitchParams, WhileParams } from '../program/loops.ts';
import type { Atom, Equation, Params } from '../program/program.ts';

/** Parameters of a `scan` equation. */
export function scanParams({ operation, params }: Equation): ScanParams | undefined {
  return operation.step === 'scan' && isScan(params) ? params : undefined;
}

/** Parameters of a `while` equation. */
export function whileParams({ operation, params }: Equation): WhileParams | undefined {
  return operation.step === 'while' && isWhile(params) ? params : undefined;
}

/** Parameters of a `switch` equation. */
export function switchParams({ operation, params }: Equation): SwitchParams | undefined {
  return operation.step === 'switch' && isSwitch(params) ? params : undefined;
}

/** Whether an equation runs Programs of its own, and so is a step of its own. */
export function isLoop(equation: Equation): boolean {
  const { step } = equation.operation;
  return step === 'scan' || step === 'while' || step === 'switch';
}

/** Whether an equation asks for the length of a stack. */
export function isLength({ operation }: Equation): boolean {
  return operation.step === 'length';
}

/** Whether an equation is a step of its own: a loop, a call of JavaScript, or about a stack. */
export function isStep(equation: Equation): boolean {
  const { onHost, step } = equation.operation;
  return onHost === true || step !== undefined;
}

/** Initial values of the carry of a loop. */
export function carriesOf(equation: Equation): readonly Atom[] {
  const scan = scanParams(equation);
  if (scan) {
    const from = scan.consts + Number(scan.length === null);
    return equation.inputs.slice(from, from + scan.carry);
  }
  const loop = whileParams(equation);
  return loop ? equation.inputs.slice(loop.condConsts + loop.bodyConsts) : [];
}

/** Number of inputs of the body of a loop that come before its carry. */
export function bodyConsts(equation: Equation): number {
  return scanParams(equation)?.consts ?? whileParams(equation)?.bodyConsts ?? 0;
}

/** Position of the first operand that a loop takes element by element. */
export function elementsFrom(equation: Equation): number {
  const scan = scanParams(equation);
  if (scan === undefined) return equation.inputs.length;
  return Number(scan.length === null) + scan.consts + scan.carry;
}

function isScan(params: Params): params is ScanParams {
  return 'body' in params && 'length' in params && 'reverse' in params;
}

function isWhile(params: Params): params is WhileParams {
  return 'body' in params && 'cond' in params && 'condConsts' in params;
}

function isSwitch(params: Params): params is SwitchParams {
  return 'branches' in params;
}
