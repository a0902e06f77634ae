import { sum, type Tensor, take, tensor } from '@grad/core';
import { cells, extent, type FieldName, fields } from './basin.ts';

/** Where something is measured. */
export interface Place {
  readonly field: FieldName;
  /** Kilometres from the western and southern sides. */
  readonly x: number;
  readonly y: number;
}

/** Where a field stands in a cell, in sides of it. */
const offsets: Readonly<Record<FieldName, readonly [x: number, y: number]>> = {
  h: [0.5, 0.5],
  u: [0, 0.5],
  v: [0.5, 0],
};

/** The observation operator of some places: fields interpolated between the four nearest points of the grid. */
export function observeAt(places: readonly Place[]): (state: Tensor) => Tensor {
  const corners = places.map(cornersOf);
  const at = Int32Array.from(corners.flatMap((four) => four.map(({ component }) => component)));
  const weights = Float64Array.from(corners.flatMap((four) => four.map(({ weight }) => weight)));
  const shape = [places.length, 4];
  const [index, weight] = [tensor(at).reshape(shape), tensor(weights).reshape(shape)];
  return (state) => sum(take(state, index).mul(weight), { axis: 1 });
}

function cornersOf({ field, x, y }: Place): { component: number; weight: number }[] {
  const [right, up] = offsets[field];
  const [i, j] = [(x / extent) * cells - right, (y / extent) * cells - up];
  const around = (k: number): number => ((k % cells) + cells) % cells;
  return [0, 1].flatMap((dy) =>
    [0, 1].map((dx) => {
      const [column, row] = [Math.floor(i) + dx, Math.floor(j) + dy];
      return {
        component: (fields.indexOf(field) * cells + around(row)) * cells + around(column),
        weight: (1 - Math.abs(i - column)) * (1 - Math.abs(j - row)),
      };
    }),
  );
}
