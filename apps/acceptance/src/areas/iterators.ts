import { foriLoop, grad, jit, type Tensor, tensor } from '@grad/core';
import { kepler, pagerank } from '@grad/iterators';
import { curieWeissRows, linearRow, sixSpinRows } from '@grad/tour';
import { leastTime } from '../least-time.ts';
import type { Area } from '../line.ts';
import { atMostRow, holdsRow, largestDifference, nearRow, plainRow, printedRow } from '../rows.ts';
import { isingReferenceRows } from './iterators-ising.ts';

/** Six pages, numbered from 0; page 1 has no links. */
const six = [
  [0, 1],
  [0, 2],
  [2, 0],
  [2, 1],
  [2, 4],
  [3, 4],
  [3, 5],
  [4, 3],
  [4, 5],
  [5, 3],
];
const exactly = { alpha: 0.9, tol: 1e-15 };
const wiki = { alpha: 0.85, tol: 1e-15 };

export const iterators: Area = {
  name: 'iterators',
  lines: [
    {
      name: 'six-pages',
      asks: 'PageRank of six pages, alpha .9, with a derivative in a weight before rows are normalised; the sum over p of dp/dw is 0.',
      run() {
        const ones = tensor(six.map(() => 1));
        const scores = pagerank(six, ones, exactly).scores.dataSync();
        const slope = grad((w: Tensor) => pagerank(six, w, exactly).scores.at(3))(ones);
        const ofSum = grad((w: Tensor) => pagerank(six, w, exactly).scores.sum())(ones);
        const known = '.037211965 .053957349 .041505653 .375080815 .205998332 .286245885'.split(
          ' ',
        );
        return [
          ...known.map((digits, page) =>
            printedRow(`score of page ${page + 1}`, scores[page] ?? Number.NaN, digits),
          ),
          printedRow('d p4 / d w(5>4)', slope.at(7).item(), '.02204500578949879'),
          atMostRow('largest |sum over p of dp/dw|', ofSum.abs().max().item(), 1e-13),
        ];
      },
    },
    {
      name: 'karate',
      asks: 'The karate club, with and without weights: every score, and every derivative of the score of member 33.',
      needsData: true,
      run({ data }) {
        const reference: Record<string, Record<string, string>> = JSON.parse(
          data.text('karate/pagerank_reference.json'),
        );
        const ties = data.table('karate/karate_networkx_weighted.tsv');
        const edges = ties.flatMap(([a = 0, b = 0]) => [
          [a, b],
          [b, a],
        ]);
        return ['unweighted', 'weighted'].flatMap((kind) => {
          const weights = ties.flatMap(([, , w = 1]) => (kind === 'weighted' ? [w, w] : [1, 1]));
          const scores = pagerank(edges, weights, wiki).scores.dataSync();
          const slopes = grad((w: Tensor) => pagerank(edges, w, wiki).scores.at(33))(
            tensor(weights),
          ).dataSync();
          const known = Object.values(reference[`karate_${kind}`] ?? {}).map(Number);
          const effects = reference[`karate_grad_p33_${kind}`] ?? {};
          const knownSlopes = edges.map(([a, b]) => Number(effects[`${a}-${b}`]));
          return [
            atMostRow(
              `${kind}: largest difference of 34 scores`,
              largestDifference(scores, known),
              1e-14,
            ),
            atMostRow(
              `${kind}: largest difference of 156 derivatives`,
              largestDifference(slopes, knownSlopes),
              1e-14,
            ),
          ];
        });
      },
    },
    {
      name: 'wiki-vote',
      asks: 'Wiki-Vote, alpha .85: the top node, its score, and the gradient in all 103,689 edges in about the time of two forward solves (here at most 2.5, of processor time).',
      needsData: true,
      run({ data }) {
        const pairs = data.table('web-graphs/Wiki-Vote.txt');
        const labels = [...new Set(pairs.flat())].sort((a, b) => a - b);
        const place = new Map(labels.map((label, i) => [label, i]));
        const edges = Int32Array.from(pairs.flat(), (label) => place.get(label) ?? -1);
        const weights = tensor(new Float64Array(pairs.length).fill(1));
        const scores = pagerank(edges, weights, wiki).scores.dataSync();
        const top = scores.indexOf(Math.max(...scores));
        const score = jit((w: Tensor) => pagerank(edges, w, wiki).scores.at(top));
        const slope = jit(grad((w: Tensor) => pagerank(edges, w, wiki).scores.at(top)));
        const gradient = Array.from(slope(weights).dataSync());
        const strongest = gradient.reduce(
          (at, x, i) => (Math.abs(x) > Math.abs(gradient[at] ?? 0) ? i : at),
          0,
        );
        const h = 1e-4;
        const shifted = (by: number): number => {
          const changed = new Float64Array(pairs.length).fill(1);
          changed[strongest] = 1 + by;
          return score(tensor(changed)).item();
        };
        const difference = (shifted(h) - shifted(-h)) / (2 * h);
        const [forward, both] = [leastTime(score, weights), leastTime(slope, weights)];
        return [
          nearRow('top node', labels[top] ?? Number.NaN, 4037, 0),
          printedRow('its score', scores[top] ?? Number.NaN, '4.60717351579749e-3'),
          atMostRow(
            'largest derivative against a difference, relative',
            Math.abs((gradient[strongest] ?? 0) / difference - 1),
            1e-6,
          ),
          plainRow('processor seconds of a solve', forward),
          atMostRow('time of the gradient in solves', both / forward, 2.5),
        ];
      },
    },
    {
      name: 'curie-weiss',
      asks: 'Curie-Weiss at beta 1.5, h 0: m, dm/dbeta and dm/dh.',
      run: curieWeissRows,
    },
    {
      name: 'six-spins',
      asks: 'Free energies of six spins, and stationarity, without data.',
      run: sixSpinRows,
    },
    {
      name: 'ising6-reference',
      asks: 'Every value of reference/ising6_reference.json: mean field with derivatives, TAP, Bethe, exact.',
      needsData: true,
      run: ({ data }) => isingReferenceRows(data),
    },
    {
      name: 'kepler',
      asks: "Kepler's equation at e .6, M 1; the implicit gradient is the unrolled one.",
      run() {
        const [inM, inE] = grad(kepler, { argnums: [0, 1] })(1, 0.6);
        const unrolled = (M: Tensor, e: Tensor): Tensor =>
          foriLoop(0, 200, (_, E: Tensor) => E.sin().mul(e).add(M), M);
        const [unrolledM, unrolledE] = grad(unrolled, { argnums: [0, 1] })(1, 0.6);
        return [
          printedRow('E', kepler(1, 0.6).item(), '1.5997485482275294'),
          printedRow('dE/dM', inM.item(), '.98292762242692719'),
          printedRow('dE/de', inE.item(), '.98251569093881133'),
          atMostRow(
            'implicit against 200 unrolled steps',
            Math.max(Math.abs(inM.sub(unrolledM).item()), Math.abs(inE.sub(unrolledE).item())),
            1e-13,
          ),
        ];
      },
    },
    {
      name: 'not-converged',
      asks: 'A solver that did not converge says so.',
      run() {
        const { status } = pagerank(six, tensor(six.map(() => 1)), {
          ...exactly,
          maxIterations: 5,
        });
        return [
          holdsRow("after 5 iterations the status is 'maxIterations'", status === 'maxIterations'),
        ];
      },
    },
    {
      name: 'linear-cnf',
      asks: 'Linear CNF: the change of log-density is exactly -tr(A) T.',
      run: () => [linearRow()],
    },
  ],
};
