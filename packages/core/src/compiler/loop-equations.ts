import type { ScanParams, SwitchParams, WhileParams } from '../flow/operations.ts';
import { scanOperation } from '../flow/scan-operation.ts';
import { stackLength } from '../flow/stack-length.ts';
import { switchOperation } from '../flow/switch-operation.ts';
import { whileOperation } from '../flow/while-operation.ts';
import type { Atom, Equation, Params } from '../program/program.ts';

/** Parameters of a `scan` equation. */
export function scanParams({ operation, params }: Equation): ScanParams | undefined {
  return operation === scanOperation && isScan(params) ? params : undefined;
}

/** Parameters of a `while` equation. */
export function whileParams({ operation, params }: Equation): WhileParams | undefined {
  return operation === whileOperation && isWhile(params) ? params : undefined;
}

/** Parameters of a `switch` equation. */
export function switchParams({ operation, params }: Equation): SwitchParams | undefined {
  return operation === switchOperation && isSwitch(params) ? params : undefined;
}

/** Whether an equation runs Programs of its own, and so is a step of its own. */
export function isLoop(equation: Equation): boolean {
  const { operation } = equation;
  return (
    operation === scanOperation || operation === whileOperation || operation === switchOperation
  );
}

/** Whether an equation asks for the length of a stack. */
export function isLength({ operation }: Equation): boolean {
  return operation === stackLength;
}

/** Whether an equation is a step of its own: a loop, a call of JavaScript, or about a stack. */
export function isStep(equation: Equation): boolean {
  return equation.operation.onHost === true || isLoop(equation) || isLength(equation);
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
