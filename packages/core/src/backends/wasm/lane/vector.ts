import type { Kind, Lanes, Node } from '../../../kernel/lane/node.ts';
import type { Code } from '../encode/code.ts';
import { calleeOf, pushArg, shape, type Target } from './print.ts';

/** Leaves the value of an operation on vectors on the stack. */
export function printVector(node: Node, target: Target): void {
  const { op, kind, lanes, args } = node;
  const { code } = target;
  const [x] = args;
  switch (op) {
    case 'const':
      code.v128(vectorBytes(kind, lanes, () => node.number));
      return;
    case 'iota':
      code.v128(vectorBytes(kind, lanes, (lane) => lane));
      return;
    case 'splat':
      printSplat(node, target);
      return;
    case 'build':
      printBuild(node, target);
      return;
    case 'half':
      target.push(x ?? node);
      if (node.number === 1) upper(code);
      return;
    case 'join':
      if (args.every((arg) => arg.op === 'convert' && arg.args[0]?.kind === 'i64')) {
        for (const arg of args) pushArg(arg, 0, target);
        code.shuffle([0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]);
        return;
      }
      pushArg(node, 0, target);
      pushArg(node, 1, target);
      code.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
      return;
    case 'gather':
      printGather(node, target);
      return;
    case 'load':
      printLoad(node, target);
      return;
    case 'select': {
      const [zeroThen, zeroElse] = [isZero(args[1]), isZero(args[2])];
      if (zeroElse || !zeroThen) pushArg(node, 1, target);
      if (!zeroElse) pushArg(node, 2, target);
      pushArg(node, 0, target);
      if (lanes === 2 && is32(kind)) narrow(code);
      code.op(zeroElse ? 'v128.and' : zeroThen ? 'v128.andnot' : 'v128.bitselect');
      return;
    }
    case 'copysign':
      pushArg(node, 1, target);
      pushArg(node, 0, target);
      pushArg(node, 2, target);
      code.op('v128.bitselect');
      return;
    case 'min':
    case 'max':
      printExtremum(node, op, target);
      return;
    case 'convert':
      target.push(x ?? node);
      convert(node, x?.kind ?? kind, code);
      return;
    case 'bits':
      target.push(x ?? node);
      return;
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      printCompare(node, op, target);
      return;
    default:
      break;
  }
  for (const arg of args) target.push(arg);
  switch (op) {
    case 'and':
    case 'or':
    case 'xor':
    case 'not':
      code.typed('v128', op);
      return;
    case 'madd':
      code.typed(shape(node), 'relaxed_madd');
      return;
    case 'call':
      code.call(target.functionIndex(calleeOf(node), lanes));
      return;
    default:
      code.typed(shape(node), op);
      return;
  }
}

/**
 * The lesser or the greater of two. For floats, x64 has no instruction that treats NaN and signed zeros as
 * WebAssembly's does: engines take eight. Where one of the two is a constant, a comparison that is false
 * for NaN does.
 */
function printExtremum(node: Node, op: 'min' | 'max', target: Target): void {
  const { code } = target;
  const { kind, args } = node;
  const at = args.findIndex((arg) => arg.op === 'const' && !Number.isNaN(Number(arg.number)));
  const bound = args[at];
  const isFloat = kind === 'f64' || kind === 'f32';
  if (isFloat && bound && Number(bound.number) !== 0) {
    pushArg(node, 1 - at, target);
    target.push(bound);
    code.typed(shape(node), `p${op}`);
    return;
  }
  if (isFloat && bound && op === 'max' && isZero(bound)) {
    // What is not above 0, and not NaN, becomes 0.
    const x = target.scratch('v128');
    pushArg(node, 1 - at, target);
    code.tee(x);
    code.get(x);
    target.push(bound);
    code.typed(shape(node), 'le');
    code.op('v128.andnot');
    target.free(x);
    return;
  }
  for (const arg of args) target.push(arg);
  if (kind === 'bool') code.typed('v128', op === 'min' ? 'and' : 'or');
  else code.typed(shape(node), kind === 'i32' ? `${op}_s` : op);
}

function is32(kind: Kind): boolean {
  return kind === 'f32' || kind === 'i32';
}

const vector = new DataView(new ArrayBuffer(16));
const vectorView = new Uint8Array(vector.buffer);

/** The bytes of a vector, until the next one; with two lanes of 32 bits, the upper half repeats the lower. */
function vectorBytes(
  kind: Kind,
  lanes: Lanes,
  value: (lane: number) => number | bigint,
): Uint8Array {
  const wide = kind === 'f64' || kind === 'i64' || (kind === 'bool' && lanes === 2);
  for (let lane = 0; lane < (wide ? 2 : 4); lane++) {
    const number = value(lane % lanes);
    if (kind === 'f64') vector.setFloat64(8 * lane, Number(number), true);
    else if (kind === 'f32') vector.setFloat32(4 * lane, Number(number), true);
    else if (kind === 'i64') vector.setBigInt64(8 * lane, BigInt.asIntN(64, BigInt(number)), true);
    else if (kind === 'i32') vector.setInt32(4 * lane, Number(number), true);
    else if (wide) vector.setBigInt64(8 * lane, Number(number) === 0 ? 0n : -1n, true);
    else vector.setInt32(4 * lane, Number(number) === 0 ? 0 : -1, true);
  }
  return vectorView;
}

function repeated(byte: number): Uint8Array {
  return new Uint8Array(16).fill(byte);
}

/** The low 32 bits of both 64-bit lanes, side by side, twice. */
function narrow(code: Code): void {
  code.v128(repeated(0));
  code.shuffle([0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]);
}

/** The upper half of a vector in the lower. */
function upper(code: Code): void {
  code.v128(repeated(0));
  code.shuffle([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
}

function printSplat(node: Node, target: Target): void {
  const { code } = target;
  if (node.kind !== 'bool') {
    pushArg(node, 0, target);
    code.typed(shape(node), 'splat');
    return;
  }
  code.i32(0);
  pushArg(node, 0, target);
  code.op('i32.sub');
  if (node.lanes === 2) code.op('i64.extend_i32_s');
  code.typed(shape(node), 'splat');
}

function printBuild(node: Node, target: Target): void {
  const { code } = target;
  const lanesOf = node.kind === 'bool' ? 'i32x4' : shape(node);
  node.args.forEach((_, lane) => {
    pushArg(node, lane, target);
    if (lane === 0) code.typed(lanesOf, 'splat');
    else code.lane(`${lanesOf}.replace_lane`, lane);
  });
  if (node.kind === 'bool') {
    if (node.lanes === 2) code.op('i64x2.extend_low_i32x4_s');
    code.typed(shape(node), 'neg');
  }
}

function printGather(node: Node, target: Target): void {
  const { code } = target;
  const bits = is32(node.kind) ? 32 : 64;
  const gathered = target.scratch('v128');
  // Lane by lane, so that of several indices out of range the first is recorded.
  node.args.forEach((address, lane) => {
    const offset = node.offsets[lane] ?? 0;
    if (lane > 0) code.set(gathered);
    target.push(address);
    if (lane === 0) {
      code.memory(`v128.load${bits}_splat`, offset);
    } else {
      code.get(gathered);
      code.memoryLane(`v128.load${bits}_lane`, offset, lane);
    }
  });
  target.free(gathered);
}

function printLoad(node: Node, target: Target): void {
  const { code } = target;
  const [offset = 0] = node.offsets;
  pushArg(node, 0, target);
  if (node.kind !== 'bool') {
    code.memory(node.lanes === 2 && is32(node.kind) ? 'v128.load64_zero' : 'v128.load', offset);
    return;
  }
  if (node.lanes === 4) {
    code.memory('v128.load32_zero', offset);
  } else {
    code.v128(repeated(0));
    code.memoryLane('v128.load16_lane', offset, 0);
  }
  code.op('i16x8.extend_low_i8x16_u');
  code.op('i32x4.extend_low_i16x8_u');
  if (node.lanes === 2) code.op('i64x2.extend_low_i32x4_u');
  code.typed(shape(node), 'neg');
}

/** Stores a vector; address and value are on the stack. */
export function printVectorStore(kind: Kind, lanes: Lanes, offset: number, code: Code): void {
  if (kind !== 'bool') {
    if (lanes === 2 && is32(kind)) code.memoryLane('v128.store64_lane', offset, 0);
    else code.memory('v128.store', offset);
    return;
  }
  code.v128(repeated(0));
  const step = 16 / lanes;
  code.shuffle(Array.from({ length: 16 }, (_, i) => (i < lanes ? i * step : 16)));
  code.v128(repeated(1));
  code.op('v128.and');
  code.memoryLane(lanes === 4 ? 'v128.store32_lane' : 'v128.store16_lane', offset, 0);
}

function printCompare(
  node: Node,
  op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge',
  target: Target,
): void {
  const { code } = target;
  const kind = node.args[0]?.kind ?? 'f64';
  const flipped = kind === 'bool' && (op === 'lt' || op === 'le');
  pushArg(node, flipped ? 1 : 0, target);
  pushArg(node, flipped ? 0 : 1, target);
  if (kind === 'bool') {
    switch (op) {
      case 'ne':
        code.op('v128.xor');
        return;
      case 'eq':
        code.op('v128.xor');
        code.op('v128.not');
        return;
      case 'lt':
      case 'gt':
        code.op('v128.andnot');
        return;
      case 'le':
      case 'ge':
        code.op('v128.not');
        code.op('v128.or');
        return;
    }
  }
  const signed = (kind === 'i32' || kind === 'i64') && op !== 'eq' && op !== 'ne';
  code.typed(shape({ kind, lanes: node.lanes }), signed ? `${op}_s` : op);
  if (node.lanes === 2 && is32(kind)) code.op('i64x2.extend_low_i32x4_s');
}

const conversions: ReadonlyMap<string, string> = new Map([
  ['f64 f32', 'f32x4.demote_f64x2_zero'],
  ['f32 f64', 'f64x2.promote_low_f32x4'],
  ['i32 f64', 'f64x2.convert_low_i32x4_s'],
  ['f64 i32', 'i32x4.trunc_sat_f64x2_s_zero'],
  ['i32 f32', 'f32x4.convert_i32x4_s'],
  ['f32 i32', 'i32x4.trunc_sat_f32x4_s'],
  ['i32 i64', 'i64x2.extend_low_i32x4_s'],
]);

function convert(node: Node, from: Kind, code: Code): void {
  const { kind, lanes } = node;
  if (from === 'bool') {
    if (lanes === 2 && is32(kind)) narrow(code);
    code.v128(vectorBytes(kind, lanes, () => 1));
    code.op('v128.and');
    return;
  }
  if (kind === 'bool') {
    code.v128(repeated(0));
    code.typed(shape({ kind: from, lanes }), 'ne');
    if (lanes === 2 && is32(from)) code.op('i64x2.extend_low_i32x4_s');
    return;
  }
  if (from === 'i64' && kind === 'i32') {
    narrow(code);
    return;
  }
  const name = conversions.get(`${from} ${kind}`);
  if (name === undefined) throw new Error(`No conversion of ${from} to ${kind} in vectors.`);
  code.op(name);
}

/** Whether all bits of a value are 0, as those of -0 are not. */
function isZero(node: Node | undefined): boolean {
  return node?.op === 'const' && Object.is(Number(node.number), 0);
}
