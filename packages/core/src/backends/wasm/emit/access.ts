import type { Affine, AffineTerm } from '../../../kernel/affine.ts';
import type { Buffer } from '../../../kernel/expr.ts';
import type { Node } from '../../../kernel/lane/node.ts';
import { LaneOps } from '../../../kernel/lane/ops.ts';
import { itemSize } from '../../../tensor/dtype.ts';
import type { Lowering } from './lower.ts';

/** Address of an element: a value, and a constant that an instruction can add. */
export interface Address {
  readonly at: Node;
  readonly offset: number;
}

/**
 * Address of an element, for one lane of the vector loop. Terms that change in fewer loops are
 * added first, so that their sum is computed outside the others.
 */
export function addressOf(lowering: Lowering, buffer: Buffer, index: Affine, lane = 0): Address {
  const { emitter, storage, state } = lowering;
  const ops = new LaneOps(emitter.graph, 1);
  const size = itemSize(buffer.dtype);
  let constant = index.base;
  const terms: Node[] = [];
  for (const { coefficient, factor } of index.terms) {
    if (factor.op !== 'loop') {
      terms.push(scaled(ops, lowering.laneOf(lowering.lower(factor), lane), coefficient * size));
      continue;
    }
    const { node, offset } = lowering.variable(factor.loop);
    const inLanes = factor.loop === lowering.vector?.loop ? lane : 0;
    constant += coefficient * (offset + inLanes);
    if (node.op === 'const') constant += coefficient * Number(node.number);
    else terms.push(scaled(ops, node, coefficient * size));
  }
  // An immediate offset is added without wrapping: what it is added to must not be negative.
  const immediate = constant > 0 && index.terms.every(isForward);
  const level = lowering.innermost((effects) => effects.swaps.has(buffer));
  let at = storage.address(buffer, level, state.swaps);
  if (!immediate && constant !== 0) at = ops.add(at, ops.i32(constant * size));
  for (const term of terms.sort((a, b) => a.level - b.level)) at = ops.add(at, term);
  return { at, offset: immediate ? constant * size : 0 };
}

function isForward({ coefficient, factor }: AffineTerm): boolean {
  return coefficient > 0 && (factor.op === 'loop' || factor.op === 'check');
}

function scaled(ops: LaneOps, x: Node, by: number): Node {
  if (x.op === 'const') return ops.i32(Math.imul(Number(x.number), by));
  if (by === 1) return x;
  const power = Math.log2(by);
  return Number.isInteger(power) ? ops.shift('shl', x, power) : ops.mul(x, ops.i32(by));
}
