import { at } from '../functions/shape.ts';
import { Cotangent } from '../primitives/cotangent.ts';
import { defineOperation, type Linearized, type Primitive } from '../primitives/define.ts';
import { reshape } from '../primitives/reshape.ts';
import type { ScanParams } from '../program/loops.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { tensorType, type ValueType } from '../tensor/type.ts';
import { bind } from '../trace/trace.ts';
import { denseType } from './joint-program.ts';
import { linearizeScan } from './scan-derivative.ts';
import { integer, setRow } from './snapshots.ts';
import { linearizeSweep, splitSweep } from './sweep-operation.ts';
import type { SweepParams } from './sweeps.ts';

/** The array with one row replaced; in place where that is possible. */
function withRow(rows: Tensor, row: number, by: Tensor): Tensor {
  const flat = reshape(rows, { shape: [rows.size] });
  return reshape(setRow(flat, integer(row), by), { shape: rows.shape });
}

/** An array and one of its rows, of which the transpose puts the row back in its place. */
const rowOperation: Primitive = defineOperation({
  name: 'row',
  typeOf: ([rows]: readonly ValueType[]) => {
    const { dtype, shape, weak } = denseType(rows);
    return [denseType(rows), tensorType(dtype, [1, ...shape.slice(1)], weak)];
  },
  decompose: ([rows]: readonly Tensor[], { row }: { readonly row: number }) =>
    rows ? [rows, at(rows, [row, row + 1])] : [],
  transpose: ([ctRows, ctRow], [rows], { row }: { readonly row: number }): void => {
    if (!(rows instanceof Cotangent)) return;
    if (!ctRow) {
      if (ctRows) rows.add(ctRows);
    } else if (ctRows) rows.add(withRow(ctRows, row, ctRow));
    else rows.accumulate((sum) => withRow(sum, row, at(sum, [row, row + 1]).add(ctRow)));
  },
});

/**
 * A scan of `length` > 1 steps with the states of at most `snapshots` of them as residuals: a sweep
 * over all steps but the last, and the last one with all that its derivative needs, from which the
 * way back begins.
 */
export function linearizeCheckpointed(
  operands: readonly Tensor[],
  scan: ScanParams,
  active: readonly boolean[],
  length: number,
  snapshots: number,
): Linearized {
  const { body, consts, carry, reverse } = scan;
  const params: SweepParams = {
    step: body,
    consts,
    carry,
    length: length - 1,
    extent: length,
    reverse,
    // The state before the last step needs no place.
    places: Math.min(snapshots, length - 1),
  };
  const parts = splitSweep(operands, params);
  const flags = splitSweep(active, params);
  const row = reverse ? 0 : length - 1;
  const first = linearizeSweep(operands, params, active);
  const last = linearizeScan(
    [
      ...parts.consts,
      ...first.outputs.slice(0, carry),
      ...parts.xs.map((x) => at(x, [row, row + 1])),
    ],
    { body, consts, carry, length: 1, reverse },
    [...flags.consts, ...first.active.slice(0, carry), ...flags.xs],
  );
  return {
    outputs: last.outputs.map((output, i) => {
      const rows = first.outputs[i];
      return i < carry || !rows ? output : withRow(rows, row, output);
    }),
    active: last.active,
    pushforward: (tangents) => {
      const moved = splitSweep(tangents, params);
      const dXs = moved.xs.map((dx) => (dx ? bind(rowOperation, [dx], { row }) : []));
      const before = first.pushforward([
        ...moved.consts,
        ...moved.carry,
        ...dXs.map(([rows]) => rows ?? null),
      ]);
      const after = last.pushforward([
        ...moved.consts,
        ...before.slice(0, carry),
        ...dXs.map(([, x]) => x ?? null),
      ]);
      return after.map((dy, i) => {
        const rows = before[i];
        return i < carry || !rows || !dy ? dy : withRow(rows, row, dy);
      });
    },
  };
}
