import {
  type CovarianceOperator,
  periodicCovariance,
  type ShallowWater,
  shallowWater,
} from '@grad/assimilation';

/** Cells along each side of the square basin, which closes on itself. */
export const cells = 32;
/** Side of a cell in metres. */
export const side = 100e3;
/** Side of the basin in kilometres. */
export const extent: number = (cells * side) / 1000;
/** Length of a step in seconds. */
const dt = 450;
export const stepsPerHour: number = 3600 / dt;
export const restDepth = 1000;
export const coriolis = 1e-4;
export const gravity = 9.81;

/** What is measured: depth, or the speed to the east or to the north. */
export const fields = ['h', 'u', 'v'] as const;
export type FieldName = (typeof fields)[number];

export const basin: ShallowWater = shallowWater({
  ny: cells,
  nx: cells,
  dy: side,
  dx: side,
  dt,
  coriolis,
  gravity,
});

/** Errors that are alike everywhere, over some hundred kilometres: standard deviations in m, m/s and m/s. */
export function smoothErrors(
  kilometres: number,
  deviations: readonly number[],
): CovarianceOperator {
  return periodicCovariance({
    shape: [cells, cells],
    spacing: [side, side],
    length: kilometres * 1000,
    deviations,
  });
}
