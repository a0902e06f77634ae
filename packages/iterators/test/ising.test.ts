import {
  concatenate,
  grad,
  jacfwd,
  jit,
  sparse,
  type Tensor,
  type TensorLike,
  tensor,
  vmap,
  zeros,
} from '@grad/core';
import { allclose, checkGrads } from '@grad/core/testing';
import { bethe, exactIsing, type IsingOptions, meanField, tap } from '@grad/iterators';
import { describe, expect, test } from 'vitest';
import { cases, chain, couplings, h, pairs } from './six-spins.ts';

const spins = 6;
const both = [...pairs, ...pairs.map(([i, j]) => [j, i] as const)];
const sparseJ = (values: Tensor): sparse.SparseMatrix =>
  sparse.coo({
    shape: [spins, spins],
    rows: both.map(([i]) => i),
    columns: both.map(([, j]) => j),
    data: concatenate([values, values]),
  });
const denseJ = (values: Tensor): Tensor => sparse.toDense(sparseJ(values));
const values = tensor(couplings);
const fields = tensor(h);
const tight: IsingOptions = { tol: 1e-15 };

const close = (actual: Tensor, expected: TensorLike, digits = 1e-14): void =>
  expect(allclose(actual, tensor(expected), { rtol: digits, atol: digits })).toBe(true);

describe.each(cases)('six spins at beta = $beta', ({ beta, ...known }) => {
  const J = denseJ(values);

  test('are those of the exact sum, and its correlations', () => {
    const { magnetization, freeEnergy, correlations } = exactIsing({ J, h, beta });
    close(magnetization, known.exact.m);
    close(freeEnergy.mul(-beta), known.exact.logZ);
    pairs.forEach(([i, j], k) => {
      close(correlations.at(i, j), known.exact.correlations[k] ?? Number.NaN);
    });
  });

  test('have the mean field of the reference, with derivatives', () => {
    const { magnetization, freeEnergy, status, residual } = meanField({ J, h, beta }, tight);
    expect(status).toBe('converged');
    expect(residual.item()).toBeLessThanOrEqual(1e-15);
    close(magnetization, known.meanField.m, 5e-14);
    close(freeEnergy, known.meanField.freeEnergy);
    const energy = (v: Tensor, f: Tensor): Tensor =>
      meanField({ J: sparseJ(v), h: f, beta }, tight).freeEnergy;
    const [inJ, inH] = grad(energy, { argnums: [0, 1] })(values, fields);
    close(inJ, known.meanField.dFdJ, 5e-14);
    close(inH, known.meanField.dFdh, 5e-14);
    const chi = jacfwd((f: Tensor) => meanField({ J, h: f, beta }, tight).magnetization)(fields);
    close(chi, known.meanField.susceptibility, 1e-12);
    const inCouplings = jacfwd(
      (v: Tensor) => meanField({ J: denseJ(v), h, beta }, tight).magnetization,
    )(values);
    close(inCouplings.at(null, 0), known.meanField.dmdJ01, 1e-12);
  });

  test('have the TAP and Bethe solutions of the reference', () => {
    const plefka = tap({ J, h, beta }, tight);
    expect(plefka.status).toBe('converged');
    close(plefka.magnetization, known.tap.m, 5e-14);
    close(plefka.freeEnergy, known.tap.freeEnergy);
    for (const form of [J, sparseJ(values)]) {
      const { magnetization, freeEnergy, status } = bethe({ J: form, h, beta }, tight);
      expect(status).toBe('converged');
      close(magnetization, known.bethe.m, 5e-14);
      close(freeEnergy.mul(-beta), known.bethe.logZ);
    }
  });
});

test('Bethe is exact on a chain, correlations included, for dense and sparse couplings', () => {
  const links = pairs.slice(0, 5);
  const data = values.at([0, 5]);
  const matrix = sparse.coo({
    shape: [spins, spins],
    rows: [...links.map(([i]) => i), ...links.map(([, j]) => j), 2],
    columns: [...links.map(([, j]) => j), ...links.map(([i]) => i), 2],
    data: concatenate([data, data, tensor([7])]),
  });
  const J = sparse.toDense(matrix);
  const exact = exactIsing({ J, h, beta: chain.beta });
  for (const form of [J, matrix]) {
    const found = bethe({ J: form, h, beta: chain.beta }, tight);
    close(found.freeEnergy.mul(-chain.beta), chain.logZ);
    close(found.magnetization, chain.m);
    const { rows, columns } = positions(matrix);
    const asked = rows.map((i, k) => exact.correlations.at(i, columns[k] ?? 0).item());
    const given =
      form === J
        ? tensor(rows.map((i, k) => found.correlations.at(i, columns[k] ?? 0).item()))
        : found.correlations;
    close(given, asked);
  }
});

function positions({ pattern }: sparse.SparseMatrix): { rows: number[]; columns: number[] } {
  const rows: number[] = [];
  for (let i = 0; i < spins; i++) {
    for (let k = pattern.indptr[i] ?? 0; k < (pattern.indptr[i + 1] ?? 0); k++) rows.push(i);
  }
  return { rows, columns: [...pattern.indices] };
}

test('Curie and Weiss: the magnetization of spins that are all coupled, and its slopes', () => {
  const n = 5;
  const J = tensor(Array.from({ length: n }, () => Array.from({ length: n }, () => 1 / (n - 1))));
  const m = (beta: Tensor, field: Tensor): Tensor =>
    meanField({ J, h: field, beta }, tight).magnetization.at(2);
  close(m(tensor(1.5), tensor(0)), 0.8585596366401104);
  const [inBeta, inField] = grad(m, { argnums: [0, 1] })(1.5, 0);
  close(inBeta, 0.37262509309998004, 1e-13);
  close(inField, 0.6510178394098728, 1e-13);
});

test('each branch is found from a start on it', () => {
  const J = [
    [0, 1],
    [1, 0],
  ];
  const from = (start: number): number =>
    meanField({ J, h: 0, beta: 1.5 }, { start }).magnetization.at(0).item();
  expect(from(0.1)).toBeCloseTo(0.8585596366401104, 11);
  expect(from(-0.1)).toBeCloseTo(-0.8585596366401104, 11);
  expect(from(0)).toBe(0);
});

test('damping ends the oscillation of an antiferromagnet', () => {
  const J = [
    [0, -1, -1],
    [-1, 0, -1],
    [-1, -1, 0],
  ];
  const status = (damping: number): string =>
    meanField({ J, h: 0.3, beta: 2 }, { damping, start: 0.9, maxIterations: 500 }).status;
  expect(status(0)).toBe('maxIterations');
  expect(status(0.8)).toBe('converged');
});

test('anderson needs fewer iterations near the critical temperature', () => {
  const problem = {
    J: [
      [0, 1],
      [1, 0],
    ],
    h: 0,
    beta: 1.02,
  };
  const picard = meanField(problem);
  const anderson = meanField(problem, { solver: 'anderson' });
  expect(anderson.status).toBe('converged');
  expect(anderson.iterations.item()).toBeLessThan(picard.iterations.item() / 10);
  expect(anderson.magnetization.at(0).item()).toBeCloseTo(picard.magnetization.at(0).item(), 8);
});

const methods = { meanField, tap, bethe };

describe.each(Object.entries(methods))('%s', (name, method) => {
  const figure = (v: Tensor, f: Tensor, beta: Tensor): Tensor => {
    const { magnetization, freeEnergy } = method({ J: denseJ(v), h: f, beta }, tight);
    return magnetization
      .mul(tensor([1, -2, 3, 1, 0.5, -1]))
      .sum()
      .add(freeEnergy);
  };

  test('has first and second derivatives in couplings, fields and beta', () => {
    checkGrads(figure, [values, fields, tensor(0.6)], { order: 2 });
  });

  test('gives minus the magnetization as the derivative of the free energy in h', () => {
    const energy = (f: Tensor): Tensor =>
      method({ J: denseJ(values), h: f, beta: 0.7 }, tight).freeEnergy;
    const { magnetization } = method({ J: denseJ(values), h, beta: 0.7 }, tight);
    close(grad(energy)(fields), magnetization.neg(), 1e-13);
  });

  test('is the same compiled and for a batch of temperatures', () => {
    const betas = tensor([0.3, 0.6, 0.9]);
    const gradient = grad(figure, { argnums: 2 });
    const batch = jit(vmap(gradient, { inAxes: [null, null, 0] }))(values, fields, betas);
    for (let i = 0; i < 3; i++) {
      close(batch.at(i), gradient(values, fields, betas.at(i)), 1e-12);
    }
  });

  test('comes the same in slices', async () => {
    const problem = { J: denseJ(values), h, beta: 0.6 };
    const sliced = await method.async(problem, tight);
    close(sliced.magnetization, method(problem, tight).magnetization, 0);
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(method.async(problem, { signal: stop })).rejects.toThrow('enough');
  });

  test('says what is wrong with a problem', () => {
    const call = (J: TensorLike | sparse.SparseMatrix, field: TensorLike, beta: number) => () =>
      method({ J, h: field, beta });
    const J = denseJ(values);
    expect(call([[1, 2]], h, 1)).toThrow(`${name}: J has shape [1, 2]; give a square matrix`);
    expect(
      call(
        [
          [0, Number.NaN],
          [1, 0],
        ],
        0,
        1,
      ),
    ).toThrow(`${name}: J is NaN at (0, 1)`);
    expect(call(J, [1, 2], 1)).toThrow(`${name}: h has shape [2]; 6 spins need`);
    expect(call(J, [0, 0, Number.POSITIVE_INFINITY, 0, 0, 0], 1)).toThrow(
      'h is Infinity at spin 2',
    );
    expect(call(J, h, 0)).toThrow(`${name}: beta is 0; give a finite number above 0.`);
    expect(() => method({ J, h, beta: tensor([1, 2]) })).toThrow('For several use vmap');
    expect(() => method({ J, h, beta: 1 }, { start: 2 })).toThrow('start is 2 at spin 0');
    expect(() => method({ J, h, beta: 1 }, { damping: 1 })).toThrow(
      'damping is 1; give a number in',
    );
    const oneWay = sparse.coo({ shape: [3, 3], rows: [0], columns: [1], data: [1] });
    expect(call(oneWay, 0, 1)).toThrow(`${name}: J has an entry at (0, 1)`);
    const wide = sparse.coo({ shape: [2, 3], rows: [0], columns: [1], data: [1] });
    expect(call(wide, 0, 1)).toThrow('give a square one');
  });
});

test('exactIsing refuses too many spins', () => {
  expect(() => exactIsing({ J: zeros([17, 17]), h: 0, beta: 1 })).toThrow('at most 16 spins');
});

test('a lattice of 100,000 spins is solved and differentiated', () => {
  const [width, height] = [400, 250];
  const count = width * height;
  const ends: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    const row = Math.floor(i / width);
    const right = row * width + ((i + 1) % width);
    const below = (i + width) % count;
    ends.push([i, right], [right, i], [i, below], [below, i]);
  }
  const J = sparse.coo({
    shape: [count, count],
    rows: ends.map(([i]) => i),
    columns: ends.map(([, j]) => j),
    data: new Float64Array(ends.length).fill(1),
  });
  const total = (beta: Tensor): Tensor => meanField({ J, h: 0.1, beta }).freeEnergy.div(count);
  // Each spin feels four neighbors like itself, as one spin of two does with a coupling of 4.
  const one = (beta: Tensor): Tensor =>
    meanField({
      J: [
        [0, 4],
        [4, 0],
      ],
      h: 0.1,
      beta,
    }).freeEnergy.div(2);
  expect(total(tensor(0.4)).item()).toBeCloseTo(one(tensor(0.4)).item(), 10);
  expect(grad(total)(0.4).item()).toBeCloseTo(grad(one)(0.4).item(), 9);
});
