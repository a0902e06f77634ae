import type { Data } from './dtype.ts';
import { rowMajorStrides } from './shape.ts';
import { formatType, type ValueType } from './type.ts';

const edge = 3;

/** `f64[2,2] [[1, 2], [3, 4]]`; long axes keep their first and last three entries. */
export function formatTensor(type: ValueType, data?: Data, digits = 8): string {
  const head = formatType(type);
  if (type.kind === 'stack' || data === undefined) return head;
  const { shape, dtype } = type;
  const strides = rowMajorStrides(shape);
  const write = (axis: number, offset: number): string => {
    if (axis === shape.length) {
      const value = data[offset] ?? Number.NaN;
      return dtype === 'bool' ? String(value !== 0) : formatNumber(value, digits);
    }
    const extent = shape[axis] ?? 0;
    const stride = strides[axis] ?? 1;
    const parts: string[] = [];
    for (let i = 0; i < extent; i++) {
      if (extent > 2 * edge + 1 && i === edge) {
        parts.push('...');
        i = extent - edge;
      }
      parts.push(write(axis + 1, offset + i * stride));
    }
    return `[${parts.join(', ')}]`;
  };
  return `${head} ${write(0, 0)}`;
}

function formatNumber(value: number, digits: number): string {
  return Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(digits)));
}
