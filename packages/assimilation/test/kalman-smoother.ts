import { column, inverse, type Matrix, plus, product, transposed } from './plain-matrices.ts';

/** A linear model x' = M x + noise of covariance Q, seen through H with errors of covariance R. */
export interface LinearCase {
  readonly M: Matrix;
  readonly H: Matrix;
  readonly B: Matrix;
  readonly Q: Matrix;
  readonly R: Matrix;
  readonly background: readonly number[];
  readonly observations: readonly { readonly step: number; readonly value: readonly number[] }[];
}

interface Estimate {
  readonly x: number[][];
  readonly P: number[][];
}

const minus = (a: Matrix, b: Matrix): number[][] =>
  plus(
    a,
    b.map((row) => row.map((v) => -v)),
  );

/**
 * Means of all states given all observations: the Kalman filter forwards and the smoother of H. Rauch, F. Tung and C.
 * Striebel (AIAA J. 3 (1965) 1445) backwards.
 */
export function kalmanSmoother({
  M,
  H,
  B,
  Q,
  R,
  background,
  observations,
}: LinearCase): number[][] {
  const last = observations.at(-1)?.step ?? 0;
  const filtered: Estimate[] = [];
  const predicted: Estimate[] = [];
  let now: Estimate = { x: column(background), P: B.map((row) => [...row]) };
  for (let step = 0; step <= last; step++) {
    if (step > 0) {
      now = {
        x: product(M, now.x),
        P: plus(product(product(M, now.P), transposed(M)), Q),
      };
    }
    predicted.push(now);
    const seen = observations.find((observation) => observation.step === step);
    if (seen) {
      const PH = product(now.P, transposed(H));
      const gain = product(PH, inverse(plus(product(H, PH), R)));
      now = {
        x: plus(now.x, product(gain, minus(column(seen.value), product(H, now.x)))),
        P: minus(now.P, product(gain, transposed(PH))),
      };
    }
    filtered.push(now);
  }
  const smoothed = filtered.map(({ x }) => x);
  for (let step = last - 1; step >= 0; step--) {
    const [here, ahead] = [filtered[step], predicted[step + 1]];
    if (!here || !ahead) continue;
    const gain = product(product(here.P, transposed(M)), inverse(ahead.P));
    smoothed[step] = plus(here.x, product(gain, minus(smoothed[step + 1] ?? [], ahead.x)));
  }
  return smoothed.map((x) => x.flat());
}
