import type { LaneFunction } from '../../../kernel/lane/lane-function.ts';
import type { Kind, Lanes, Node } from '../../../kernel/lane/node.ts';
import type { Code, ValueType } from '../encode/code.ts';
import { printVector } from './vector.ts';

/** What printing needs to know of the function that the code goes to. */
export interface Target {
  readonly code: Code;
  /** A local for the moment. */
  scratch(type: ValueType): number;
  free(local: number): void;
  /** Leaves the value of a node on the stack. */
  push(node: Node): void;
  /** Number of a function of lanes. */
  functionIndex(callee: LaneFunction, lanes: Lanes): number;
  /**
   * The function that records an index out of range, of the index and the site. Where it is no
   * `exit`, it gives 0, to go on with.
   */
  outOfRange(): { readonly index: number; readonly exit: boolean };
}

/** The WebAssembly type that holds a value. */
export function valueType(node: { readonly kind: Kind; readonly lanes: Lanes }): ValueType {
  if (node.lanes > 1) return 'v128';
  return node.kind === 'bool' ? 'i32' : node.kind;
}

/** Leaves the value of an operation on the stack; its operands are printed through `push`. */
export function print(node: Node, target: Target): void {
  if (node.op === 'rare') printRare(node, target);
  else if (node.lanes > 1) printVector(node, target);
  else printScalar(node, target);
}

const compares = new Set(['eq', 'ne', 'lt', 'le', 'gt', 'ge']);

function printScalar(node: Node, target: Target): void {
  const { op, kind, args } = node;
  const { code } = target;
  if (op === 'const') {
    scalarConst(node, code);
    return;
  }
  if (op === 'load') {
    printLoad(node, target);
    return;
  }
  if (op === 'check') {
    printCheck(node, target);
    return;
  }
  const x = args[0];
  if (op === 'convert' && x) {
    convert(node, x, target);
    return;
  }
  if (op === 'select') {
    for (const i of [1, 2, 0]) pushArg(node, i, target);
    code.op('select');
    return;
  }
  if (op === 'div' || op === 'rem') {
    if (kind === 'i32') {
      divideIntegers(node, target);
      return;
    }
  }
  if (kind === 'i32' && (op === 'min' || op === 'max' || op === 'abs')) {
    chooseInteger(node, target);
    return;
  }
  if (op === 'not') {
    pushArg(node, 0, target);
    if (kind === 'bool') {
      code.op('i32.eqz');
      return;
    }
    if (kind === 'i64') code.i64(-1n);
    else code.i32(-1);
    code.typed(kind, 'xor');
    return;
  }
  if (op === 'neg' && (kind === 'i32' || kind === 'i64')) {
    if (kind === 'i64') code.i64(0n);
    else code.i32(0);
    pushArg(node, 0, target);
    code.typed(kind, 'sub');
    return;
  }
  if (op === 'madd') {
    const vectors = kind === 'f64' ? 'f64x2' : 'f32x4';
    for (const arg of args) {
      target.push(arg);
      code.op(`${vectors}.splat`);
    }
    code.op(`${vectors}.relaxed_madd`);
    code.lane(`${vectors}.extract_lane`, 0);
    return;
  }
  for (const arg of args) target.push(arg);
  if (op === 'extract' && x) {
    printExtract(x, Number(node.number), code);
    return;
  }
  if (op === 'bits' && x) {
    code.op(`${kind}.reinterpret_${x.kind}`);
    return;
  }
  if (op === 'call') {
    code.call(target.functionIndex(calleeOf(node), 1));
    return;
  }
  if (compares.has(op) && x) {
    const operands = x.kind === 'bool' ? 'i32' : x.kind;
    const signed = (operands === 'i32' || operands === 'i64') && op !== 'eq' && op !== 'ne';
    code.typed(operands, signed ? `${op}_s` : op);
    return;
  }
  if (
    (op === 'shl' || op === 'shr_s' || op === 'shr_u') &&
    kind === 'i64' &&
    args[1]?.kind === 'i32'
  ) {
    code.op('i64.extend_i32_u');
  }
  code.typed(kind === 'bool' ? 'i32' : kind, op);
}

/** The function that a `call` or a `rare` calls. */
export function calleeOf({ op, callee }: Node): LaneFunction {
  if (callee === undefined) throw new Error(`${op} calls no function.`);
  return callee;
}

export function pushArg(node: Node, i: number, target: Target): void {
  const arg = node.args[i];
  if (arg === undefined) throw new Error(`${node.op} has no operand ${i}.`);
  target.push(arg);
}

function scalarConst({ kind, number }: Node, code: Code): void {
  if (kind === 'f64') code.f64(Number(number));
  else if (kind === 'f32') code.f32(Number(number));
  else if (kind === 'i64') code.i64(BigInt(number));
  else code.i32(Number(number));
}

/** The SIMD interpretation of a vector's lanes. */
export function shape({ kind, lanes }: { readonly kind: Kind; readonly lanes: Lanes }): string {
  switch (kind) {
    case 'f64':
      return 'f64x2';
    case 'f32':
      return 'f32x4';
    case 'i64':
      return 'i64x2';
    case 'i32':
      return 'i32x4';
    case 'bool':
      return lanes === 2 ? 'i64x2' : 'i32x4';
  }
}

const loads: { readonly [K in Kind]: string } = {
  f64: 'f64.load',
  f32: 'f32.load',
  i64: 'i64.load',
  i32: 'i32.load',
  bool: 'i32.load8_u',
};

/** Instructions that store a scalar. */
export const stores: { readonly [K in Kind]: string } = {
  f64: 'f64.store',
  f32: 'f32.store',
  i64: 'i64.store',
  i32: 'i32.store',
  bool: 'i32.store8',
};

function printLoad(node: Node, target: Target): void {
  pushArg(node, 0, target);
  target.code.memory(loads[node.kind], node.offsets[0] ?? 0);
}

function convert(node: Node, x: Node, target: Target): void {
  const { code } = target;
  const from = x.kind;
  const to = node.kind;
  if (to === 'bool') {
    target.push(x);
    if (from === 'f64') code.f64(0);
    else if (from === 'f32') code.f32(0);
    else if (from === 'i64') code.i64(0n);
    else code.i32(0);
    code.typed(from, 'ne');
    return;
  }
  target.push(x);
  const source = from === 'bool' ? 'i32' : from;
  if (source === to) return;
  code.op(required(conversions, `${source} ${to}`));
}

const conversions: ReadonlyMap<string, string> = new Map([
  ['f64 f32', 'f32.demote_f64'],
  ['f32 f64', 'f64.promote_f32'],
  ['i32 f64', 'f64.convert_i32_s'],
  ['i32 f32', 'f32.convert_i32_s'],
  ['f64 i32', 'i32.trunc_sat_f64_s'],
  ['f32 i32', 'i32.trunc_sat_f32_s'],
  ['i32 i64', 'i64.extend_i32_s'],
  ['i64 i32', 'i32.wrap_i64'],
  ['i64 f64', 'f64.convert_i64_s'],
]);

function required(table: ReadonlyMap<string, string>, key: string): string {
  const entry = table.get(key);
  if (entry === undefined) throw new Error(`No conversion ${key}.`);
  return entry;
}

function printExtract(x: Node, lane: number, code: Code): void {
  code.lane(`${shape(x)}.extract_lane`, lane);
  if (x.kind !== 'bool') return;
  if (x.lanes === 2) code.op('i32.wrap_i64');
  code.i32(1);
  code.op('i32.and');
}

function printCheck(node: Node, target: Target): void {
  const { code } = target;
  const x = target.scratch('i32');
  pushArg(node, 0, target);
  code.tee(x);
  code.i32(Number(node.number));
  code.op('i32.lt_u');
  code.if(() => {
    code.get(x);
    code.else();
    code.get(x);
    code.i32(Number(node.detail));
    const { index, exit } = target.outOfRange();
    code.call(index);
    // Or there is no element 0 to go on with.
    if (exit || node.number === 0) code.op('unreachable');
  }, 'i32');
  target.free(x);
}

/**
 * The instruction traps on a zero divisor and on -2^31 / -1. A program that must not divide by
 * zero checks that itself, so any result will do there: 0, and -2^31 for the other.
 */
function divideIntegers(node: Node, target: Target): void {
  const { code } = target;
  const { op, args } = node;
  const [, y] = args;
  if (y?.op === 'const' && y.number !== 0 && y.number !== -1) {
    pushArg(node, 0, target);
    pushArg(node, 1, target);
    code.op(`i32.${op}_s`);
    return;
  }
  const dividend = target.scratch('i32');
  const divisor = target.scratch('i32');
  pushArg(node, 0, target);
  pushArg(node, 1, target);
  code.set(divisor);
  code.set(dividend);
  code.get(divisor);
  code.i32(1);
  code.op('i32.add');
  code.i32(2);
  code.op('i32.lt_u');
  code.if(() => {
    if (op === 'div') {
      code.get(dividend);
      code.get(divisor);
      code.op('i32.mul');
    } else {
      code.i32(0);
    }
    code.else();
    code.get(dividend);
    code.get(divisor);
    code.op(`i32.${op}_s`);
  }, 'i32');
  target.free(dividend);
  target.free(divisor);
}

function chooseInteger(node: Node, target: Target): void {
  const { code } = target;
  const x = target.scratch('i32');
  const y = target.scratch('i32');
  pushArg(node, 0, target);
  if (node.op === 'abs') {
    code.set(x);
    code.i32(0);
    code.get(x);
    code.op('i32.sub');
    code.set(y);
  } else {
    pushArg(node, 1, target);
    code.set(y);
    code.set(x);
  }
  code.get(x);
  code.get(y);
  code.get(x);
  code.get(y);
  code.op(node.op === 'min' ? 'i32.lt_s' : 'i32.gt_s');
  code.op('select');
  target.free(x);
  target.free(y);
}

/**
 * The usual value, then, when the condition holds anywhere, the scalar function in those lanes.
 */
function printRare(node: Node, target: Target): void {
  const { code } = target;
  const [condition, usual, ...args] = node.args;
  if (!condition || !usual) throw new Error('rare has a condition and a usual value.');
  const scalar: Lanes = 1;
  const locals = node.args.map((arg) => {
    const local = target.scratch(valueType(arg));
    target.push(arg);
    code.set(local);
    return local;
  });
  const [whether = 0, result = 0, ...values] = locals;
  code.get(whether);
  if (node.lanes > 1) code.op('v128.any_true');
  code.if(() => {
    for (let lane = 0; lane < node.lanes; lane++) {
      if (node.lanes === 1) {
        for (const value of values) code.get(value);
        code.call(target.functionIndex(calleeOf(node), scalar));
        code.set(result);
        continue;
      }
      code.get(whether);
      code.lane(`${shape(condition)}.extract_lane`, lane);
      if (shape(condition) === 'i64x2') code.op('i32.wrap_i64');
      code.if(() => {
        code.get(result);
        args.forEach((arg, i) => {
          code.get(values[i] ?? 0);
          code.lane(`${shape(arg)}.extract_lane`, lane);
        });
        code.call(target.functionIndex(calleeOf(node), scalar));
        code.lane(`${shape(usual)}.replace_lane`, lane);
        code.set(result);
      });
    }
  });
  code.get(result);
  for (const local of locals) target.free(local);
}
