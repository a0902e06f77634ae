import { published } from '../../published.ts';
import type { Row } from '../../row.ts';
import type { Landing, LandingPoint, Start } from './model.ts';

const source = 'Pontryagin’s equations solved to 14 digits';
const texts = { mass: '.395354363964', switchTime: '.239259108626', finalTime: '1.396808089107' };
const words = {
  mass: 'mass at the end',
  switchTime: 'time at which the engine is switched on',
  finalTime: 'time of the landing',
};

/** What a landing comes to; held against the known one where `isKnown`. Collocation is polynomials on intervals. */
export function resultRows(landing: Landing, isKnown: boolean): Row[] {
  const keys = ['mass', 'switchTime', 'finalTime'] as const;
  return keys.map((key, i): Row => {
    const text = published(texts[key]);
    const near = { kind: 'exact', value: text.value, tolerance: 1e-9 } as const;
    return {
      what: `${words[key]}, by ${landing.name}`,
      result: landing[key],
      ...(isKnown ? { reference: landing.name === 'indirect' ? text : near, source } : {}),
      ...(i === 0 ? { seconds: landing.seconds } : {}),
    };
  });
}

/** The laws that hold along every landing. */
export function lawRows({ name, points, switchTime }: Landing): Row[] {
  const isExact = name === 'indirect';
  const atMost = { kind: 'atMost', limit: isExact ? 1e-10 : 1e-7 } as const;
  // A barrier of 1e-11 keeps the minimization from the ground, and has a share in the multipliers near it.
  const nearGround = { kind: 'atMost', limit: isExact ? 1e-10 : 1e-6 } as const;
  const largest = (f: (point: LandingPoint) => number): number =>
    Math.max(...points.map((point) => Math.abs(f(point))));
  const [first] = points;
  const [h0, v0] = first?.costate ?? [Number.NaN, Number.NaN];
  const wrong = points.filter(({ time, thrust, switching }) => {
    if (Math.abs(time - switchTime) < 1e-9) return false;
    return thrust > 0 !== switching < 0;
  });
  return [
    {
      what: `largest Hamiltonian along the way, by ${name}`,
      result: largest(({ hamiltonian }) => hamiltonian),
      reference: atMost,
      source: 'H = 0 where the final time is free',
    },
    {
      what: `largest change of the costate of height, by ${name}`,
      result: largest(({ costate }) => costate[0] - h0),
      reference: nearGround,
      source: 'nothing depends on height',
    },
    {
      what: `costate of speed against p(0) − t times that of height, by ${name}`,
      result: largest(({ costate, time }) => costate[1] - (v0 - time * h0)),
      reference: atMost,
      source: 'the adjoint equation',
    },
    {
      what: `points with the thrust on the wrong side of the switching function, by ${name}`,
      result: wrong.length,
      reference: { kind: 'exact', value: 0, tolerance: 0 },
      source: 'full thrust where dH/dT < 0, none elsewhere',
    },
  ];
}

/** The costates at the start against what other starts cost. */
export async function derivativeRows(
  { points }: Landing,
  start: Start,
  massFrom: (start: Start) => Promise<number>,
): Promise<Row[]> {
  const h = 1e-4;
  const rows: Row[] = [];
  for (const [i, of] of ['height', 'speed', 'mass'].entries()) {
    const [height, speed, mass] = start;
    const moved = (by: number): Start => [
      height + (i === 0 ? by : 0),
      speed + (i === 1 ? by : 0),
      mass + (i === 2 ? by : 0),
    ];
    const difference = ((await massFrom(moved(h))) - (await massFrom(moved(-h)))) / (2 * h);
    rows.push({
      what: `derivative of the mass at the end in the ${of} at the start`,
      result: -(points[0]?.costate[i] ?? Number.NaN),
      reference: { kind: 'exact', value: difference, tolerance: 1e-6 },
      source: 'differences between landings from 0.0001 beside',
    });
  }
  return rows;
}
