import { jit, type Tensor } from '@grad/core';
import {
  createMesh,
  elasticity,
  type FixedDisplacement,
  poisson,
  rectangle,
  SupportError,
  solve,
} from '@grad/fem';
import { describe, expect, test } from 'vitest';

const mesh = rectangle({ cells: [3, 2] });
const body = (fixed: readonly FixedDisplacement[]) => () =>
  elasticity({ mesh, young: 1, poisson: 0.3, fixed });

describe('supports that leave a motion free are refused, and the motion is named', () => {
  test('a displacement', () => {
    expect(body([])).toThrow(SupportError);
    expect(body([])).toThrow('the displacement along x is free');
    expect(body([{ on: 'left', x: 0 }])).toThrow('the displacement along y is free');
    expect(body([{ on: 'left', y: 0 }])).toThrow('the displacement along x is free');
  });

  test('a rotation, about the point that is held or where the lines of support meet', () => {
    expect(body([{ on: [0] }])).toThrow('the rotation about (0, 0) is free');
    expect(
      body([
        { on: [3], y: 0 },
        { on: [8], x: 0 },
      ]),
    ).toThrow('the rotation about (1, 1) is free');
  });

  test('of one part of several', () => {
    const two = createMesh({
      element: 't3',
      vertices: [0, 1, 2].flatMap((x) => [
        [x, 0],
        [x + 0.5, 0],
        [x, 0.5],
      ]),
      elements: [0, 3, 6].map((a) => [a, a + 1, a + 2]),
    });
    expect(() =>
      elasticity({ mesh: two, young: 1, poisson: 0.3, fixed: [{ on: [0, 1, 3, 4] }] }),
    ).toThrow('the displacement of the part with vertex 6 along x is free');
    expect(() => poisson({ mesh: two, fixed: [{ on: [0, 3] }] })).toThrow(
      'no value is given at any vertex of the part with vertex 6',
    );
  });

  test('and enough supports are not', () => {
    expect(body([{ on: [0] }, { on: [3], y: 0 }])).not.toThrow();
    expect(body([{ on: [0] }, { on: [1] }])).not.toThrow();
  });

  test('while a function is recorded too, as far as that is known', () => {
    const f = jit(
      (vertices: Tensor) =>
        solve(
          elasticity({ mesh: { ...mesh, vertices }, young: 1, poisson: 0.3, fixed: [{ on: [0] }] }),
        ).compliance,
    );
    expect(() => f(mesh.vertices)).toThrow('a rotation is free');
  });
});

describe('what makes no sense is refused', () => {
  test('in materials', () => {
    const with_ = (young: number | number[], ratio: number) => () =>
      elasticity({ mesh, young, poisson: ratio, fixed: [{ on: 'left' }] });
    expect(with_([1, 1, -2, 1, 1, 1], 0.3)).toThrow("Young's modulus of element 2 is -2");
    expect(with_([1, 2], 0.3)).toThrow('one number is needed, or one for each of 6 elements');
    expect(with_(1, 0.5)).toThrow("Poisson's ratio is 0.5; it lies between -1 and 1/2");
    expect(() => poisson({ mesh, coefficient: 0, fixed: [{ on: 'left' }] })).toThrow(
      'the coefficient of element 0 is 0',
    );
  });

  test('in boundaries and loads', () => {
    expect(() => poisson({ mesh, fixed: [{ on: 'lfet' }] })).toThrow(
      "the mesh has no boundary 'lfet'; there are bottom, right, top, left",
    );
    expect(() => poisson({ mesh, fixed: [{ on: () => false }] })).toThrow('holds for no vertex');
    expect(() => poisson({ mesh, fixed: [{ on: [12] }] })).toThrow('there is no vertex 12');
    const loaded = (load: { at: number; force: number[] }) => () =>
      elasticity({ mesh, young: 1, poisson: 0.3, fixed: [{ on: 'left' }], loads: [load] });
    expect(loaded({ at: 99, force: [0, 1] })).toThrow('there is no vertex 99');
    expect(loaded({ at: 0, force: [0, 1, 2] })).toThrow('two components are needed');
    expect(() => poisson({ mesh, source: [1, 2], fixed: [{ on: 'left' }] })).toThrow(
      'one number is needed, or a function of coordinates',
    );
    expect(() =>
      poisson({ mesh, source: (x) => x.sum({ axis: 0 }), fixed: [{ on: 'left' }] }),
    ).toThrow('it must keep the shape');
    const recorded = jit(
      (vertices: Tensor) =>
        solve(poisson({ mesh: { ...mesh, vertices }, fixed: [{ on: (x) => x === 0 }] })).compliance,
    );
    expect(() => recorded(mesh.vertices)).toThrow('markBoundary');
  });
});

test('of several entries for one vertex and direction the last counts', () => {
  const { u } = solve(
    poisson({
      mesh,
      fixed: [
        { on: 'left', value: 1 },
        { on: 'bottom', value: 2 },
      ],
    }),
  );
  expect(u.at(0).item()).toBe(2);
  expect(u.at(4).item()).toBe(1);
});

test('a body all of whose vertices are held has reactions', () => {
  const cell = rectangle({ cells: [1, 1] });
  const { u, reactions } = solve(
    poisson({
      mesh: cell,
      fixed: ['left', 'right'].map((on) => ({ on, value: (x: Tensor) => x })),
    }),
  );
  expect(u.toArray()).toEqual([0, 1, 0, 1]);
  for (const [k, force] of [-0.5, 0.5, -0.5, 0.5].entries()) {
    expect(reactions.at(k).item()).toBeCloseTo(force, 14);
  }
});
