import { affineLoop, affineOf, affineScale } from '../kernel/affine.ts';
import type { Loop } from '../kernel/expr.ts';
import { binary, constant, indexValue } from '../kernel/scalars.ts';
import type { Pointer } from '../kernel/statement.ts';
import type { Var } from '../program/program.ts';
import { itemSize } from '../tensor/dtype.ts';
import { tensorType } from '../tensor/type.ts';
import type { BlocksStep } from './blocks.ts';
import type { Scope } from './place.ts';
import { inBuffer } from './place-loop.ts';
import { elementOf } from './pointers.ts';
import { dense } from './space.ts';

/** Kernels in blocks as a `for` around their calls. */
export function placeBlocks(scope: Scope, step: BlocksStep): void {
  const { rows, block, steps, strides, scratch } = step;
  const { writer } = scope;
  const loop: Loop = { name: 'b', extent: Math.ceil(rows / block) };
  const next = affineScale(affineLoop(loop), block);
  const last = constant('int32', rows - block);
  const first = rows % block === 0 ? next : affineOf(binary('min', indexValue(next), last));
  /** Where the values that are taken row by row are. */
  const arrays = new Map<Var, Pointer & { kind: 'buffer' }>();
  for (const { loads, stores } of steps) {
    for (const v of stores.keys()) {
      if (scratch.has(v)) continue;
      const place = scope.placeResult(v, 'value');
      arrays.set(v, place.kind === 'buffer' ? place : writer.allocate('value', v.type));
    }
    for (const v of loads.keys()) {
      if (scratch.has(v) || arrays.has(v) || !strides.has(v)) continue;
      arrays.set(v, inBuffer(scope, v, scope.placeOf(v)));
    }
  }
  const rowSize = (v: Var): number => (strides.get(v) ?? 0) / itemSize(dense(v.type).dtype);
  writer.workspace.enterLoop();
  const body = writer.collect(() => {
    for (const v of scratch) {
      const { dtype } = dense(v.type);
      arrays.set(v, writer.allocate('block', tensorType(dtype, [block * rowSize(v)])));
    }
    const argument = (v: Var): Pointer => {
      const array = arrays.get(v);
      if (!array) return scope.placeOf(v);
      return scratch.has(v) ? array : elementOf(array, first, rowSize(v));
    };
    for (const { kernel, loads, stores } of steps) {
      const args = [...loads.keys(), ...stores.keys()].map(argument);
      writer.write({ do: 'call', kernel, args }, ...args);
    }
  });
  writer.workspace.exitLoop();
  writer.write({ do: 'for', loop, parallel: false, body });
  for (const [v, place] of arrays) {
    if (!scratch.has(v) && steps.some(({ stores }) => stores.has(v))) scope.define(v, place);
  }
}
