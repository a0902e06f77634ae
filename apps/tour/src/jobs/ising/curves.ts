import { jit, type Progress, sparse, type Tensor, tensor, valueAndGrad, vmap } from '@grad/core';
import { bethe, exactIsing, meanField } from '@grad/iterators';
import type { Spins } from './lattice.ts';

export type Method = 'mean field' | 'Bethe' | 'exact';

/** A point of the curves. */
export interface CurvePoint {
  readonly method: Method;
  readonly temperature: number;
  readonly magnetization: number;
  /** Change of the mean magnetization with a field on all spins; undefined where it is not computed. */
  readonly susceptibility: number | undefined;
  /** Largest change in the last iteration. */
  readonly residual: number;
}

/** The couplings as a sparse matrix. */
export function matrixOf({ count, pairs }: Spins): sparse.SparseMatrix {
  return sparse.coo({
    shape: [count, count],
    rows: pairs.flatMap(({ from, to }) => [from, to]),
    columns: pairs.flatMap(({ from, to }) => [to, from]),
    data: pairs.flatMap(({ coupling }) => [coupling, coupling]),
  });
}

/** Mean magnetization and susceptibility at all temperatures, in one compiled call. */
export async function curve(
  spins: Spins,
  method: Method,
  { temperatures, field }: { readonly temperatures: readonly number[]; readonly field: number },
  { signal, onFraction }: { signal: AbortSignal; onFraction: (fraction: number) => void },
): Promise<CurvePoint[]> {
  const J = matrixOf(spins);
  const solve = (h: Tensor, T: Tensor): [Tensor, Tensor] => {
    const problem = { J, h, beta: T.pow(-1) };
    if (method === 'exact') return [exactIsing(problem).magnetization.mean(), tensor(0)];
    const how = { tol: 1e-11, start: 0.9, damping: spins.pairs.some(isNegative) ? 0.7 : 0 };
    const { magnetization, residual } = { 'mean field': meanField, Bethe: bethe }[method](
      problem,
      how,
    );
    return [magnetization.mean(), residual];
  };
  const all = jit(vmap(valueAndGrad(solve, { hasAux: true }), { inAxes: [null, 0] }));
  const onProgress = ({ fraction }: Progress) => onFraction(fraction ?? 0);
  const [[m, residual], chi] = await all.async([tensor(field), tensor(temperatures)], {
    signal,
    onProgress,
  });
  const [means, slopes, rests] = [m, chi, residual].map((x) => x.dataSync());
  return temperatures.map((temperature, i) => ({
    method,
    temperature,
    magnetization: means?.[i] ?? Number.NaN,
    susceptibility: slopes?.[i] ?? Number.NaN,
    residual: rests?.[i] ?? Number.NaN,
  }));
}

function isNegative({ coupling }: { readonly coupling: number }): boolean {
  return coupling < 0;
}

/** The magnetization of the endless square lattice by Onsager and Yang. */
export function onsager(temperatures: readonly number[]): CurvePoint[] {
  return temperatures.map((temperature) => ({
    method: 'exact',
    temperature,
    magnetization: Math.max(0, 1 - Math.sinh(2 / temperature) ** -4) ** (1 / 8),
    susceptibility: undefined,
    residual: 0,
  }));
}
