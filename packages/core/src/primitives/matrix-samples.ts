import type { SampleOperand } from './define.ts';

/** Matrices whose eigenvalues and singular values are well apart, and none of which is near 0. */
export function apart(shape: readonly number[]): SampleOperand {
  const [rows = 0, columns = 0] = shape.slice(-2);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const values = Array.from({ length: size }, (_, at) => {
    const [row, column] = [Math.floor(at / columns) % rows, at % columns];
    return 0.3 * Math.sin(7 * at + 1) + (row === column ? 1.3 * row + 0.8 : 0);
  });
  return { shape, values };
}
