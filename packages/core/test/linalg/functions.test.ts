// Functions of matrices against closed forms and numbers of NumPy and SciPy.

import { jit, linalg, random, type Tensor, tensor, vmap } from '@grad/core';
import { describe, expect, test } from 'vitest';

function expectNear(x: Tensor, expected: number[][] | number[], units = 8): void {
  const wanted = tensor(expected);
  const size = wanted.abs().max().item();
  expect(x.sub(wanted).abs().max().item()).toBeLessThanOrEqual(units * 2 ** -53 * size);
}

describe('expm', () => {
  test('gives what SciPy gives', () => {
    expectNear(
      linalg.expm([
        [1, 2],
        [3, 4],
      ]),
      [
        [51.968956198705, 74.73656456700328],
        [112.10484685050491, 164.0738030492099],
      ],
      64,
    );
  });

  test('is exact to rounding for a nilpotent matrix and a rotation', () => {
    expectNear(
      linalg.expm([
        [0, 1, 2],
        [0, 0, 3],
        [0, 0, 0],
      ]),
      [
        [1, 1, 3.5],
        [0, 1, 3],
        [0, 0, 1],
      ],
    );
    const angle = 40;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    expectNear(
      jit(linalg.expm)(
        tensor([
          [0, -angle],
          [angle, 0],
        ]),
      ),
      [
        [c, -s],
        [s, c],
      ],
      200,
    );
  });

  test('scales each matrix of a batch for itself', () => {
    const small = tensor([
      [1e-9, 0],
      [0, 2e-9],
    ]);
    const large = tensor([
      [-300, 0],
      [0, 50],
    ]);
    const both = linalg.expm(tensor([small.toArray(), large.toArray()] as number[][][]));
    expectNear(linalg.diagonal(both.at(0)), [Math.exp(1e-9), Math.exp(2e-9)], 2);
    expectNear(linalg.diagonal(both.at(1)), [Math.exp(-300), Math.exp(50)], 200);
    expect(both.at(1, 0, 0).item() / Math.exp(-300)).toBeCloseTo(1, 12);
  });

  test('of what is not finite is NaN, and ends', () => {
    expect(
      linalg
        .expm([
          [Number.NaN, 1],
          [0, 1],
        ])
        .at(0, 0)
        .item(),
    ).toBeNaN();
    expect(linalg.expm([[Number.POSITIVE_INFINITY]]).item()).toBeNaN();
  });
});

describe('norm', () => {
  const matrix = tensor([
    [3, -4, 0],
    [1, 2, -2],
  ]);
  test.each([
    [undefined, Math.sqrt(34)],
    ['fro', Math.sqrt(34)],
    [1, 6],
    [-1, 2],
    [Number.POSITIVE_INFINITY, 7],
    [Number.NEGATIVE_INFINITY, 5],
  ] as const)('of order %s of a matrix is that of NumPy', (ord, expected) => {
    const options = ord === undefined ? {} : { ord };
    expect(linalg.norm(matrix, options).item()).toBeCloseTo(expected, 14);
    // Axes say which are the rows.
    const swapped = linalg.norm(matrix.transpose(), { ...options, axis: [1, 0] });
    expect(swapped.item()).toBeCloseTo(expected, 14);
  });

  test.each([
    [0, 3],
    [1, 19],
    [-1, 0],
    [2, 13],
    [3, 12.207054953820636],
    [0.5, 51.78460969082653],
    [Number.POSITIVE_INFINITY, 12],
    [Number.NEGATIVE_INFINITY, 0],
  ])('of order %s of a vector is that of NumPy', (ord, expected) => {
    expect(linalg.norm([3, -4, 0, 12], { ord }).item()).toBeCloseTo(expected, 13);
  });

  test('is taken along axes, which may stay', () => {
    const x = random.normal(random.key(1), [2, 3, 4]);
    expect(linalg.norm(x, { axis: -1, keepdims: true }).shape).toEqual([2, 3, 1]);
    const matrices = linalg.norm(x, { ord: 1, axis: [0, 2], keepdims: true });
    expect(matrices.shape).toEqual([1, 3, 1]);
    expect(matrices.at(0, 1, 0).item()).toBe(linalg.norm(x.at(null, 1), { ord: 1 }).item());
    expect(linalg.norm(x).item()).toBeCloseTo(Math.sqrt(x.square().sum().item()), 13);
  });

  test('of a NaN is NaN, and of nothing 0', () => {
    expect(linalg.norm([1, Number.NaN]).item()).toBeNaN();
    expect(linalg.norm(tensor([]).reshape([0])).item()).toBe(0);
  });
});

test('determinants of large matrices that overflow have logarithms', () => {
  const a = random.normal(random.key(5), [300, 300]).mul(100);
  const [sign, logdet] = linalg.slogdet(a);
  expect(Number.isFinite(linalg.det(a).item())).toBe(false);
  // Of 100 A it is that of A and 300 log 100.
  const [same, smaller] = linalg.slogdet(a.div(100));
  expect(same.item()).toBe(sign.item());
  expect(logdet.item() - smaller.item()).toBeCloseTo(300 * Math.log(100), 9);
  expect(Math.abs(sign.item())).toBe(1);
});

test('determinants have the sign of the permutation', () => {
  const p = tensor([
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
    [1, 0, 0, 0],
  ]);
  expect(linalg.det(p).item()).toBe(-1);
  expect(linalg.det(p.at([0, 3], [1, 4])).item()).toBe(1);
  expect(linalg.slogdet(p).map((x) => x.item())).toEqual([-1, 0]);
  expect(
    linalg
      .det([
        [1, 2],
        [2, 4],
      ])
      .abs()
      .item(),
  ).toBe(0);
  expect(
    linalg
      .slogdet([
        [1, 2],
        [2, 4],
      ])
      .map((x) => x.item()),
  ).toEqual([0, Number.NEGATIVE_INFINITY]);
});

test('powers of matrices are products, and of the inverse where negative', () => {
  const a = tensor([
    [1, 1],
    [1, 0],
  ]);
  expect(linalg.matrixPower(a, 10).toArray()).toEqual([
    [89, 55],
    [55, 34],
  ]);
  expect(linalg.matrixPower(a, 0).toArray()).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expectNear(linalg.matrixPower(a, -3), [
    [-1, 2],
    [2, -3],
  ]);
});

test('parts and products of matrices are those of NumPy', () => {
  const a = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(linalg.diagonal(a).toArray()).toEqual([1, 5]);
  expect(linalg.diagonal(a, { offset: 1 }).toArray()).toEqual([2, 6]);
  expect(linalg.diagonal(a, { offset: -1 }).toArray()).toEqual([4]);
  expect(linalg.diagonal(a, { offset: 3 }).toArray()).toEqual([]);
  expect(linalg.trace(a).item()).toBe(6);
  expect(linalg.trace(a, { offset: 2 }).item()).toBe(3);
  expect(linalg.tril(a, { offset: 1 }).toArray()).toEqual([
    [1, 2, 0],
    [4, 5, 6],
  ]);
  expect(linalg.triu(a).toArray()).toEqual([
    [1, 2, 3],
    [0, 5, 6],
  ]);
  expect(linalg.outer([1, 2], [3, 4, 5]).toArray()).toEqual([
    [3, 4, 5],
    [6, 8, 10],
  ]);
  expect(
    linalg
      .kron(
        [[1, 2]],
        [
          [0, 3],
          [4, 5],
        ],
      )
      .toArray(),
  ).toEqual([
    [0, 3, 0, 6],
    [4, 5, 8, 10],
  ]);
  const x = random.normal(random.key(1), [2, 1, 2, 3]);
  const y = random.normal(random.key(2), [3, 4, 1]);
  const all = linalg.kron(x, y);
  expect(all.shape).toEqual([2, 3, 8, 3]);
  expect(all.at(1, 2).toArray()).toEqual(linalg.kron(x.at(1, 0), y.at(2)).toArray());
});

test('functions are mapped over batches as over leading axes', () => {
  const x = random.normal(random.key(3), [4, 3, 3]);
  for (const f of [
    linalg.det,
    linalg.inv,
    linalg.expm,
    linalg.trace,
    (a: Tensor) => linalg.norm(a, { ord: 1 }),
  ]) {
    const mapped = jit(vmap((a: Tensor) => f(a)))(x);
    const one = f(x.at(2));
    expect(mapped.at(2).sub(one).abs().max().item()).toBeLessThan(1e-13);
  }
});

test('offsets beyond a matrix leave all of it or nothing', () => {
  const a = tensor([[1, 2]]);
  for (const far of [99, 2 ** 31, 2 ** 53]) {
    expect(linalg.triu(a, { offset: far }).toArray()).toEqual([[0, 0]]);
    expect(linalg.triu(a, { offset: -far }).toArray()).toEqual([[1, 2]]);
    expect(linalg.tril(a, { offset: far }).toArray()).toEqual([[1, 2]]);
    expect(linalg.trace(a, { offset: far }).item()).toBe(0);
  }
});
