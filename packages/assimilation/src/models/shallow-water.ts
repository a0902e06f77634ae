/**
 * A layer of water, thin compared with its extent, on a rotating plane that closes on itself both ways:
 *
 *   h_t + div(h u) = 0,   u_t + (f + zeta) k x u + grad(g h + |u|²/2) = nu laplace(u),
 *
 * with depth h, velocity u = (u, v) and vorticity zeta = v_x - u_y. On Arakawa's C grid depths stand in the middle
 * of cells, u on their western and v on their southern sides, vorticity on the south-western corners:
 *
 *     z---v---z        With fluxes U = h u and V = h v on the sides and potential vorticity
 *     |       |        q = (f + zeta) / h on the corners, Sadourny's scheme is
 *     u   h   u          h_t = -dx U - dy V,
 *     |       |          u_t =  mean_y(q mean_x V) - dx B,   B = g h + (mean_x u² + mean_y v²) / 2,
 *     z---v---z          v_t = -mean_x(q mean_y U) - dy B.
 *
 * It keeps the mass to rounding, and without viscosity the energy up to the errors of time steps.
 */

import { concatenate, roll, ShapeError, type Tensor, type TensorLike, tensor } from '@grad/core';
import { rk4 } from '../rk4.ts';

/** Parameters of `shallowWater`. */
export interface ShallowWaterOptions {
  /** Number of cells from south to north and from west to east. */
  readonly ny: number;
  readonly nx: number;
  /** Sides of a cell in metres. */
  readonly dy: number;
  readonly dx: number;
  /** Time step in seconds. Steps are explicit: dt sqrt(g h) must be below dx, where dx = dy. */
  readonly dt: number;
  /** Twice the rate of rotation, in 1/s; 1e-4, of middle latitudes, when left out. */
  readonly coriolis?: number;
  /** In m/s²; 9.81 when left out. */
  readonly gravity?: number;
  /** Viscosity of the velocities in m²/s; 0 when left out. */
  readonly viscosity?: number;
}

/** Depth in metres and velocities in m/s, each [ny, nx]; rows go from south to north. */
export interface ShallowWaterFields {
  readonly h: Tensor;
  readonly u: Tensor;
  readonly v: Tensor;
}

/** One time step of shallow water, with the meaning of its state. */
export interface ShallowWater {
  (state: Tensor): Tensor;
  /** The fields of a state. */
  fields(state: Tensor): ShallowWaterFields;
  /** The state of fields: a vector of 3 ny nx numbers, h first, then u and v, row by row. */
  state(fields: { h: TensorLike; u: TensorLike; v: TensorLike }): Tensor;
  /** Volume of the water, in m³: a scalar. */
  mass(state: Tensor): Tensor;
  /** Kinetic and potential energy for a density of 1, in m⁵/s²: a scalar. */
  energy(state: Tensor): Tensor;
}

/**
 * Steps of rotating shallow water on a doubly periodic grid, by the Runge-Kutta method of order 4.
 *
 * @throws RangeError when a number makes no sense.
 * @see A. Arakawa and V. Lamb, Methods Comp. Phys. 17 (1977) 173, for the grid; R. Sadourny, "The dynamics of
 * finite-difference models of the shallow-water equations", J. Atmos. Sci. 32 (1975) 680, for the scheme.
 */
export function shallowWater(options: ShallowWaterOptions): ShallowWater {
  const { ny, nx, dy, dx, dt, coriolis = 1e-4, gravity = 9.81, viscosity = 0 } = options;
  checkOptions({ ny, nx, dy, dx, gravity, viscosity, coriolis });
  const size = ny * nx;

  const fields = (state: Tensor): ShallowWaterFields => {
    if (state.ndim !== 1 || state.size !== 3 * size) {
      throw new ShapeError(
        `shallowWater: a state has shape [${state.shape.join(', ')}]; of ${ny} by ${nx} cells it has shape [${3 * size}].`,
      );
    }
    const field = (k: number) => state.at([k * size, (k + 1) * size]).reshape([ny, nx]);
    return { h: field(0), u: field(1), v: field(2) };
  };
  const join = ({ h, u, v }: ShallowWaterFields): Tensor =>
    concatenate([h, u, v].map((field) => field.reshape([size])));

  const tendency = (state: Tensor): Tensor => {
    const { h, u, v } = fields(state);
    const massFluxX = half(h.add(west(h))).mul(u);
    const massFluxY = half(h.add(south(h))).mul(v);
    const depthAtCorner = half(half(h.add(west(h))).add(half(south(h).add(west(south(h))))));
    const vorticity = v
      .sub(west(v))
      .div(dx)
      .sub(u.sub(south(u)).div(dy));
    const q = vorticity.add(coriolis).div(depthAtCorner);
    const head = h
      .mul(gravity)
      .add(half(half(u.square().add(east(u.square())).add(v.square()).add(north(v.square())))));
    const acrossU = q.mul(half(massFluxY.add(west(massFluxY))));
    const acrossV = q.mul(half(massFluxX.add(south(massFluxX))));
    const inward = massFluxX
      .sub(east(massFluxX))
      .div(dx)
      .add(massFluxY.sub(north(massFluxY)).div(dy));
    const forceX = half(acrossU.add(north(acrossU))).sub(head.sub(west(head)).div(dx));
    const forceY = half(acrossV.add(east(acrossV)))
      .add(head.sub(south(head)).div(dy))
      .neg();
    return join({ h: inward, u: forceX.add(friction(u)), v: forceY.add(friction(v)) });
  };
  const friction = (w: Tensor): Tensor | number => {
    if (viscosity === 0) return 0;
    const alongX = east(w)
      .add(west(w))
      .sub(w.mul(2))
      .mul(viscosity / dx ** 2);
    return north(w)
      .add(south(w))
      .sub(w.mul(2))
      .mul(viscosity / dy ** 2)
      .add(alongX);
  };

  return Object.assign(rk4(tendency, dt), {
    fields,
    state: ({ h, u, v }: { h: TensorLike; u: TensorLike; v: TensorLike }) => {
      const field = (name: string, given: TensorLike): Tensor => {
        const made = tensor(given, { dtype: 'float64' });
        if (made.ndim === 2 && made.shape[0] === ny && made.shape[1] === nx) return made;
        throw new ShapeError(
          `shallowWater: the field ${name} has shape [${made.shape.join(', ')}]; it must be [${ny}, ${nx}].`,
        );
      };
      return join({ h: field('h', h), u: field('u', u), v: field('v', v) });
    },
    mass: (state: Tensor) =>
      fields(state)
        .h.sum()
        .mul(dx * dy),
    energy: (state: Tensor) => {
      const { h, u, v } = fields(state);
      const kinetic = half(h.add(west(h)))
        .mul(u.square())
        .add(half(h.add(south(h))).mul(v.square()));
      return half(kinetic.add(h.square().mul(gravity)))
        .sum()
        .mul(dx * dy);
    },
  });
}

const east = (x: Tensor): Tensor => roll(x, -1, { axis: 1 });
const west = (x: Tensor): Tensor => roll(x, 1, { axis: 1 });
const north = (x: Tensor): Tensor => roll(x, -1, { axis: 0 });
const south = (x: Tensor): Tensor => roll(x, 1, { axis: 0 });
const half = (x: Tensor): Tensor => x.mul(0.5);

function checkOptions(given: Readonly<Record<string, number>>): void {
  for (const name of ['ny', 'nx']) {
    const count = given[name] ?? Number.NaN;
    if (Number.isInteger(count) && count >= 3) continue;
    throw new RangeError(`shallowWater: ${name} is ${count}; give a whole number of 3 or more.`);
  }
  for (const name of ['dy', 'dx', 'gravity']) {
    const size = given[name] ?? Number.NaN;
    if (size > 0 && Number.isFinite(size)) continue;
    throw new RangeError(`shallowWater: ${name} is ${size}; give a finite number above 0.`);
  }
  const { viscosity = 0, coriolis } = given;
  if (!(viscosity >= 0 && Number.isFinite(viscosity))) {
    throw new RangeError(
      `shallowWater: the viscosity is ${viscosity}; give a finite number, 0 or more.`,
    );
  }
  if (!Number.isFinite(coriolis)) {
    throw new RangeError(`shallowWater: coriolis is ${coriolis}; give a finite number.`);
  }
}
