import { concatenate, grad, jacfwd, sparse, type Tensor, tensor } from '@grad/core';
import { bethe, exactIsing, meanField, tap } from '@grad/iterators';
import type { Row } from '@grad/tour';
import type { DataFolder } from '../data-folder.ts';
import { atMostRow, largestDifference } from '../rows.ts';

interface IsingCase {
  readonly exact: { lnZ: string; m: string[]; corr: Record<string, string> };
  readonly mf: {
    F: string;
    m: string[];
    dF_dJ: Record<string, string>;
    dF_dh: string[];
    chi: string[][];
    dm_dJ01: string[];
  };
  readonly tap: { F: string; m: string[] };
  readonly bethe: { lnZ: string; m: string[] };
}

interface IsingFile {
  readonly J: Record<string, string>;
  readonly h: string[];
  readonly cases: Record<string, IsingCase>;
  readonly chain: { J: Record<string, string>; beta: string; lnZ: string; m: string[] };
}

const tight = { tol: 1e-15 };

/** A symmetric matrix of couplings from one number a pair. */
function couplings(values: Tensor, pairs: readonly string[]): Tensor {
  const ends = pairs.map((pair) => pair.split('-').map(Number));
  const [first, second] = [ends.map(([i = 0]) => i), ends.map(([, j = 0]) => j)];
  return sparse.toDense(
    sparse.coo({
      shape: [6, 6],
      rows: [...first, ...second],
      columns: [...second, ...first],
      data: concatenate([values, values]),
    }),
  );
}

/** The largest difference of each kind of value, relative to 1 or its size. */
export function isingReferenceRows(data: DataFolder): Row[] {
  const file: IsingFile = JSON.parse(data.text('reference/ising6_reference.json'));
  const pairs = Object.keys(file.J);
  const values = tensor(Object.values(file.J).map(Number));
  const h = tensor(file.h.map(Number));
  const J = couplings(values, pairs);
  return [
    ...Object.entries(file.cases).flatMap(([text, known]) => {
      const beta = Number(text);
      const row = (what: string, found: Tensor, reference: readonly string[], limit = 1e-14): Row =>
        atMostRow(
          `beta ${text}: ${what}`,
          largestDifference(found.reshape([-1]).dataSync(), reference.map(Number)),
          limit,
        );
      const exact = exactIsing({ J, h, beta });
      const mean = meanField({ J, h, beta }, tight);
      const [inJ, inH] = grad(
        (v: Tensor, f: Tensor) =>
          meanField({ J: couplings(v, pairs), h: f, beta }, tight).freeEnergy,
        { argnums: [0, 1] },
      )(values, h);
      const chi = jacfwd((f: Tensor) => meanField({ J, h: f, beta }, tight).magnetization)(h);
      const inPairs = jacfwd(
        (v: Tensor) => meanField({ J: couplings(v, pairs), h, beta }, tight).magnetization,
      )(values);
      const plefka = tap({ J, h, beta }, tight);
      const belief = bethe({ J, h, beta }, tight);
      const correlations = pairs.map((pair) => {
        const [i = 0, j = 0] = pair.split('-').map(Number);
        return exact.correlations.at(i, j).item();
      });
      return [
        row('exact ln Z', exact.freeEnergy.mul(-beta), [known.exact.lnZ]),
        row('exact m', exact.magnetization, known.exact.m),
        row('exact correlations', tensor(correlations), Object.values(known.exact.corr)),
        row('mean field F', mean.freeEnergy, [known.mf.F]),
        row('mean field m', mean.magnetization, known.mf.m, 5e-14),
        row('dF/dJ', inJ, Object.values(known.mf.dF_dJ), 5e-14),
        row('dF/dh', inH, known.mf.dF_dh, 5e-14),
        row('susceptibility', chi, known.mf.chi.flat(), 1e-12),
        row('dm/dJ01', inPairs.at(null, 0), known.mf.dm_dJ01, 1e-12),
        row('TAP F', plefka.freeEnergy, [known.tap.F]),
        row('TAP m', plefka.magnetization, known.tap.m, 5e-14),
        row('Bethe ln Z', belief.freeEnergy.mul(-beta), [known.bethe.lnZ]),
        row('Bethe m', belief.magnetization, known.bethe.m, 5e-14),
      ];
    }),
    ...chainRows(file, h),
  ];
}

/** On a chain Bethe is exact. */
function chainRows({ chain }: IsingFile, h: Tensor): Row[] {
  const beta = Number(chain.beta);
  const J = couplings(tensor(Object.values(chain.J).map(Number)), Object.keys(chain.J));
  const { freeEnergy, magnetization } = bethe({ J, h, beta }, tight);
  const known = chain.m.map(Number);
  return [
    atMostRow(
      'chain: Bethe ln Z against the exact one',
      Math.abs(freeEnergy.item() * -beta - Number(chain.lnZ)),
      1e-14,
    ),
    atMostRow(
      'chain: Bethe m against the exact one',
      largestDifference(magnetization.dataSync(), known),
      1e-14,
    ),
  ];
}
