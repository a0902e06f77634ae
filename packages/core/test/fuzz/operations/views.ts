import {
  type AxisIndex,
  at,
  broadcastTo,
  concatenate,
  expandDims,
  flip,
  moveAxis,
  pad,
  reshape,
  roll,
  split,
  squeeze,
  stack,
  tile,
  transpose,
} from '@grad/core';
import type { Draw } from '../scope.ts';
import type { Operations } from './operation.ts';

/** An index of one axis; one that drops it only where it can. */
function axisIndex(draw: Draw, extent: number): AxisIndex {
  switch (draw.below(5)) {
    case 1:
      return extent > 0 ? draw.below(2 * extent) - extent : null;
    case 2:
      return [draw.below(extent + 1), extent];
    case 3:
      return [draw.below(3), extent, 2];
    case 4:
      return [extent - 1, -extent - 1, -1 - draw.below(2)];
    default:
      return null;
  }
}

/** The same elements, or some of them, in another place. */
export const views: Operations = {
  reshape: {
    build(scope, draw) {
      const x = scope.any(draw);
      const half = x.size / 2;
      if (draw.flag() && x.size % 2 === 0) return reshape(x, draw.of([2, half], [half, 2]));
      return reshape(x, draw.of([x.size], [1, x.size], [x.size, 1]));
    },
  },
  transpose: {
    build(scope, draw) {
      const x = scope.any(draw);
      const axes = x.shape.map((_, axis) => axis);
      const by = draw.below(x.ndim);
      return draw.flag() ? transpose(x) : transpose(x, [...axes.slice(by), ...axes.slice(0, by)]);
    },
  },
  moveAxis: {
    build(scope, draw) {
      const x = scope.any(draw);
      return x.ndim === 0 ? x : moveAxis(x, draw.axis(x), draw.axis(x));
    },
  },
  broadcastTo: {
    build(scope, draw) {
      const x = scope.any(draw);
      return broadcastTo(x, [draw.below(4), ...x.shape]);
    },
  },
  expandDims: {
    build(scope, draw) {
      const x = scope.any(draw);
      return expandDims(x, draw.below(x.ndim + 1));
    },
  },
  squeeze: { build: (scope, draw) => squeeze(scope.any(draw)) },
  concatenate: {
    build(scope, draw) {
      const x = scope.any(draw);
      if (x.ndim === 0) return stack([x, x, x]);
      const y = x.dtype === scope.dtype ? scope.fit(scope.float(draw), x.shape) : x;
      return concatenate(draw.flag() ? [y, x] : [x, y, x], { axis: draw.axis(x) });
    },
  },
  stack: {
    build(scope, draw) {
      const x = scope.float(draw);
      const y = scope.fit(scope.float(draw), x.shape);
      return stack([x, y], { axis: draw.below(x.ndim + 1) });
    },
  },
  at: {
    build(scope, draw) {
      const x = scope.any(draw);
      return at(x, ...x.shape.map((extent) => axisIndex(draw, extent)));
    },
  },
  flip: {
    build(scope, draw) {
      const x = scope.any(draw);
      return x.ndim === 0 || draw.flag() ? flip(x) : flip(x, { axis: draw.axis(x) });
    },
  },
  roll: {
    build(scope, draw) {
      const x = scope.any(draw);
      return x.ndim === 0 ? x : roll(x, draw.below(7) - 3, { axis: draw.axis(x) });
    },
  },
  pad: {
    build(scope, draw) {
      const x = scope.float(draw);
      const widths = x.shape.map(() => [draw.below(3), draw.below(2)] as const);
      return pad(x, widths, { value: draw.of(0, 0.5, -1) });
    },
  },
  tile: {
    build(scope, draw) {
      const x = scope.any(draw);
      return tile(x, [...(draw.flag() ? [2] : []), ...x.shape.map(() => 1 + draw.below(2))]);
    },
  },
  split: {
    build(scope, draw) {
      const x = scope.any(draw);
      if (x.ndim === 0) return x;
      const axis = draw.axis(x);
      return split(x, [draw.below((x.shape.at(axis) ?? 0) + 1)], { axis });
    },
  },
};
