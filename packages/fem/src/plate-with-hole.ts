import type { ElementName } from './elements/element.ts';
import type { Mesh } from './mesh.ts';
import { grid } from './rectangle.ts';

/** Options of `plateWithHole`. */
export interface PlateOptions {
  /** Radius of the hole; 1 when left out. */
  readonly radius?: number;
  /** Half of the width of the square plate; 10 radii when left out. */
  readonly halfWidth?: number;
  /** Numbers of cells around the quarter, which is even, and outwards. */
  readonly cells: readonly [around: number, outwards: number];
  /** 'q4' when left out. */
  readonly element?: ElementName;
}

/**
 * A quarter of a square plate with a round hole at the origin: the part in the first quadrant, in
 * rays and rings. Cells grow outwards so that they are about as long as wide. Its boundary has the
 * parts `hole`, `bottom` and `left`, which are lines of symmetry, and the outer sides `right` and `top`.
 *
 * @throws RangeError when the hole does not fit, or numbers of cells make no sense.
 */
export function plateWithHole(options: PlateOptions): Mesh {
  const { radius = 1, halfWidth = 10 * radius, cells, element = 'q4' } = options;
  const [around, outwards] = cells;
  if (!(radius > 0 && halfWidth > radius && Number.isFinite(halfWidth))) {
    throw new RangeError(
      `plateWithHole: the radius is ${radius} and half of the width ${halfWidth}; both are positive, and the hole is smaller.`,
    );
  }
  if (!(Number.isInteger(around) && around >= 2 && around % 2 === 0)) {
    throw new RangeError(
      `plateWithHole: there are ${around} cells around; give an even number >= 2.`,
    );
  }
  if (!(Number.isInteger(outwards) && outwards >= 1)) {
    throw new RangeError(`plateWithHole: there are ${outwards} cells outwards; give 1 or more.`);
  }
  // Along a ray, ln(distance from the centre) grows evenly.
  const mesh = grid(
    'plateWithHole',
    outwards,
    around,
    element,
    (s, t) => {
      const angle = (t * Math.PI) / 2;
      const [c, d] = [Math.cos(angle), Math.sin(angle)];
      const reach = halfWidth / Math.max(c, d);
      const distance = radius * (reach / radius) ** s;
      // The square's sides, and the lines of symmetry, are met exactly.
      const x = s === 1 && t <= 0.5 ? halfWidth : t === 1 ? 0 : distance * c;
      const y = s === 1 && t >= 0.5 ? halfWidth : distance * d;
      return [x, y];
    },
    { bottom: 'bottom', right: 'outer', top: 'left', left: 'hole' },
  );
  const { outer = new Int32Array(), ...others } = mesh.boundary;
  const half = around;
  return {
    ...mesh,
    boundary: { ...others, right: outer.subarray(0, half), top: outer.subarray(half) },
  };
}
