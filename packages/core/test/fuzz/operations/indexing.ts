import {
  dynamicSlice,
  dynamicUpdateSlice,
  gather,
  maximum,
  mod,
  mul,
  scatter,
  segmentMax,
  segmentSum,
  type Tensor,
  take,
} from '@grad/core';
import type { Draw, Scope } from '../scope.ts';
import type { Operations } from './operation.ts';

/** A float with elements and at least one axis. */
function rows(scope: Scope, draw: Draw): Tensor {
  const x = scope.array(draw);
  return x.size === 0 ? scope.constant([3]) : x;
}

/** A position for each axis, anywhere, also outside. */
function start(scope: Scope, draw: Draw, x: Tensor): Tensor[] {
  const first = scope.fit(scope.int(draw), []);
  return x.shape.map((_, axis) => first.mul(axis + 1));
}

/** A segment for each row. */
function segments(scope: Scope, draw: Draw, x: Tensor, count: number): Tensor {
  return mod(scope.fit(scope.int(draw), [x.shape[0] ?? 1]), count);
}

/** Reading and writing at positions that are data. */
export const indexing: Operations = {
  take: {
    build(scope, draw) {
      const x = rows(scope, draw);
      const axis = draw.axis(x);
      return take(x, scope.index(draw, x.shape.at(axis) ?? 1), { axis });
    },
  },
  gather: {
    build(scope, draw) {
      const x = rows(scope, draw);
      const axis = draw.axis(x);
      const extent = x.shape.at(axis) ?? 1;
      const shape = x.shape.with(axis < 0 ? axis + x.ndim : axis, 1 + draw.below(3));
      return gather(x, mod(scope.fit(scope.int(draw), shape), extent), { axis });
    },
  },
  scatter: {
    build(scope, draw) {
      const x = rows(scope, draw);
      const axis = draw.axis(x);
      const along = axis < 0 ? axis + x.ndim : axis;
      const index = scope.index(draw, x.shape.at(axis) ?? 1);
      const mode = draw.of('add', 'set', 'max', 'min');
      const shape = x.shape.toSpliced(along, 1, ...index.shape);
      const scale = mode === 'add' ? 1 / Math.max(1, index.size) : 1;
      const updates = mul(scope.fit(scope.float(draw), shape), scale);
      const result = scatter(x, index, updates, { mode, axis });
      return mode === 'add' ? result.mul(0.5) : result;
    },
  },
  segmentSum: {
    build(scope, draw) {
      const x = rows(scope, draw);
      const count = 1 + draw.below(4);
      const ids = segments(scope, draw, x, count);
      return segmentSum(x, ids, { count }).mul(1 / Math.max(1, x.shape[0] ?? 1));
    },
  },
  segmentMax: {
    build(scope, draw) {
      const x = rows(scope, draw);
      const count = 1 + draw.below(4);
      return maximum(segmentMax(x, segments(scope, draw, x, count), { count }), -3);
    },
  },
  dynamicSlice: {
    build(scope, draw) {
      const x = scope.float(draw);
      const extents = x.shape.map((extent) => draw.below(extent + 1));
      return dynamicSlice(x, start(scope, draw, x), extents);
    },
  },
  dynamicUpdateSlice: {
    build(scope, draw) {
      const x = scope.float(draw);
      const extents = x.shape.map((extent) => draw.below(extent + 1));
      const update = scope.fit(scope.float(draw), extents);
      return dynamicUpdateSlice(x, update, start(scope, draw, x));
    },
  },
};
