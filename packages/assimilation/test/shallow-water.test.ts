import { type ShallowWaterOptions, shallowWater, trajectory } from '@grad/assimilation';
import { type Tensor, tensor } from '@grad/core';
import { describe, expect, test } from 'vitest';

const depth = 1000;
const gravity = 9.81;

/** Numbers [ny, nx] of a function of the place in cells. */
const grid = (ny: number, nx: number, f: (y: number, x: number) => number): number[][] =>
  Array.from({ length: ny }, (_, j) => Array.from({ length: nx }, (_, i) => f(j, i)));

const last = (water: (x: Tensor) => Tensor, start: Tensor, steps: number): Tensor =>
  trajectory(water, start, steps).at(steps);

/** A state in which everything happens: two hills of water, moving and turning. */
function lively(options: Partial<ShallowWaterOptions> = {}) {
  const [ny, nx] = [12, 16];
  const water = shallowWater({ ny, nx, dy: 1e5, dx: 1.2e5, dt: 300, ...options });
  const hill = (y: number, x: number) => Math.exp(-((y - 4) ** 2) / 6 - (x - 7) ** 2 / 9);
  const start = water.state({
    h: grid(ny, nx, (y, x) => depth + 200 * hill(y, x) - 100 * hill(y - 3, x - 6)),
    u: grid(ny, nx, (y, x) => 10 * Math.sin((2 * Math.PI * y) / ny) + 5 * hill(y, x)),
    v: grid(ny, nx, (y, x) => 8 * Math.cos((2 * Math.PI * (x + y)) / nx)),
  });
  return { water, start };
}

describe('conservation', () => {
  test('mass is kept to rounding', () => {
    const { water, start } = lively({ viscosity: 1e4 });
    const end = last(water, start, 400);
    expect(end.sub(start).abs().max().item()).toBeGreaterThan(50);
    const mass = water.mass(start).item();
    expect(mass).toBeCloseTo(start.at([0, 192]).sum().item() * 1.2e10, -6);
    expect(Math.abs(water.mass(end).item() / mass - 1)).toBeLessThan(1e-14);
  });

  test('energy is kept up to the errors of time steps, which fall fast', () => {
    const drift = (dt: number): number => {
      const { water, start } = lively({ dt });
      const end = last(water, start, Math.round(60_000 / dt));
      return Math.abs(water.energy(end).item() / water.energy(start).item() - 1);
    };
    const [long, short] = [drift(200), drift(100)];
    expect(short).toBeLessThan(1e-6);
    expect(Math.log2(long / short)).toBeGreaterThan(4);
  });

  test('viscosity takes energy away', () => {
    const { water, start } = lively({ viscosity: 1e6 });
    const end = last(water, start, 100);
    expect(water.energy(end).item()).toBeLessThan(water.energy(start).item() * (1 - 1e-5));
  });
});

interface Wave {
  readonly n: number;
  /** Waves around the domain. */
  readonly k: number;
  readonly l: number;
  readonly coriolis?: number;
  /** Speed of the water eastwards, m/s. */
  readonly wind?: number;
}

const length = 4e6;
const time = 8_000;

/** Amplitude of a wave of depth after some time, for 1 at first: on a grid, and what theory says. */
function waves({ n, k, l, coriolis = 0, wind = 0 }: Wave) {
  const d = length / n;
  const dt = time / Math.ceil(time / (d / 400));
  const water = shallowWater({ ny: n, nx: n, dy: d, dx: d, dt, coriolis, gravity });
  const phase = (y: number, x: number) => (2 * Math.PI * (k * (x + 0.5) + l * (y + 0.5))) / n;
  const small = 1e-5;
  const start = water.state({
    h: grid(n, n, (y, x) => depth + small * Math.cos(phase(y, x))),
    u: grid(n, n, () => wind),
    v: grid(n, n, () => 0),
  });
  const { h } = water.fields(last(water, start, Math.round(time / dt)));
  const project = (f: (phase: number) => number): number =>
    h
      .sub(depth)
      .mul(tensor(grid(n, n, (y, x) => f(phase(y, x)))))
      .mean()
      .item() *
    (2 / small);
  const [kx, ly] = [(2 * Math.PI * k) / length, (2 * Math.PI * l) / length];
  // A disturbance of depth alone is a geostrophic flow, which stays, and two waves of frequency omega.
  const law = (f2: number, c2K2: number): number => {
    const omega2 = f2 + c2K2;
    return (f2 + c2K2 * Math.cos(Math.sqrt(omega2) * time)) / omega2;
  };
  const c2 = gravity * depth;
  const sine = (wave: number): number => (2 * Math.sin((wave * d) / 2)) / d;
  const cosine = (wave: number): number => Math.cos((wave * d) / 2);
  return {
    amplitude: { cos: project(Math.cos), sin: project(Math.sin) },
    analytic: law(coriolis ** 2, c2 * (kx ** 2 + ly ** 2)),
    onGrid: law((coriolis * cosine(kx) * cosine(ly)) ** 2, c2 * (sine(kx) ** 2 + sine(ly) ** 2)),
    doppler: kx * wind * time,
  };
}

describe('waves', () => {
  test.each([
    [{ k: 1, l: 0 }],
    [{ k: 0, l: 2 }],
    [{ k: 2, l: 1 }],
    [{ k: 1, l: 0, coriolis: 1e-4 }],
    [{ k: 1, l: 3, coriolis: -2e-4 }],
  ])('%j follows the dispersion of inertia-gravity waves', (wave) => {
    const [coarse, fine] = [waves({ n: 24, ...wave }), waves({ n: 48, ...wave })];
    // The law of the C grid, but for the errors of time steps; see Arakawa and Lamb (1977).
    expect(coarse.amplitude.cos).toBeCloseTo(coarse.onGrid, 3);
    expect(fine.amplitude.cos).toBeCloseTo(fine.onGrid, 4);
    expect(coarse.amplitude.sin).toBeCloseTo(0, 5);
    // And that of the continuum to second order.
    const error = ({ amplitude, analytic }: typeof fine) => Math.abs(amplitude.cos - analytic);
    expect(error(fine)).toBeLessThan(0.05);
    expect(Math.log2(error(coarse) / error(fine))).toBeCloseTo(2, 0);
  });

  test('are carried by the flow', () => {
    const errors = [24, 48].map((n) => {
      const { amplitude, analytic, doppler } = waves({ n, k: 2, l: 0, wind: 30 });
      expect(doppler).toBeGreaterThan(0.7);
      return Math.hypot(
        amplitude.cos - analytic * Math.cos(doppler),
        amplitude.sin - analytic * Math.sin(doppler),
      );
    });
    const [coarse = 0, fine = 1] = errors;
    expect(fine).toBeLessThan(0.02);
    expect(Math.log2(coarse / fine)).toBeCloseTo(2, 0);
  });

  test('a uniform flow turns clockwise in inertial circles of the northern hemisphere', () => {
    const [n, coriolis, dt, steps] = [4, 1e-4, 300, 100];
    const water = shallowWater({ ny: n, nx: n, dy: 1e5, dx: 1e5, dt, coriolis });
    const even = (value: number) => grid(n, n, () => value);
    const start = water.state({ h: even(depth), u: even(10), v: even(0) });
    const { u, v } = water.fields(last(water, start, steps));
    const angle = coriolis * dt * steps;
    expect(u.at(1, 2).item()).toBeCloseTo(10 * Math.cos(angle), 6);
    expect(v.at(1, 2).item()).toBeCloseTo(-10 * Math.sin(angle), 6);
  });
});

describe('shallowWater', () => {
  test('takes a state apart as it was put together', () => {
    const { water, start } = lively();
    const { h, u, v } = water.fields(start);
    expect(h.shape).toEqual([12, 16]);
    expect(water.state({ h, u, v }).toArray()).toEqual(start.toArray());
    expect(h.at(0, 0).item()).toBe(start.at(0).item());
    expect(v.at(0, 1).item()).toBe(start.at(2 * 192 + 1).item());
  });

  const good = { ny: 4, nx: 5, dy: 1, dx: 1, dt: 0.1 };
  test.each([
    [{ nx: 2 }, /nx is 2; give a whole number of 3 or more/],
    [{ ny: 3.5 }, /ny is 3.5/],
    [{ dx: 0 }, /dx is 0/],
    [{ dy: Number.NaN }, /dy is NaN/],
    [{ gravity: -1 }, /gravity is -1/],
    [{ viscosity: -1 }, /viscosity is -1/],
    [{ coriolis: Number.POSITIVE_INFINITY }, /coriolis is Infinity/],
    [{ dt: 0 }, /dt is 0/],
  ])('refuses %j', (change, message) => {
    expect(() => shallowWater({ ...good, ...change })).toThrow(message);
  });

  test('refuses states and fields of another size', () => {
    const water = shallowWater(good);
    expect(() => water(tensor([1, 2, 3]))).toThrow(
      /shape \[3\]; of 4 by 5 cells it has shape \[60\]/,
    );
    const h = grid(4, 5, () => 1);
    expect(() => water.state({ h, u: h, v: grid(5, 4, () => 1) })).toThrow(
      /field v has shape \[5, 4\]; it must be \[4, 5\]/,
    );
  });
});
