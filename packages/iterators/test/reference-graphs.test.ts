import { readFileSync } from 'node:fs';
import { grad, jit, type Tensor, tensor } from '@grad/core';
import { pagerank } from '@grad/iterators';
import { describe, expect, test } from 'vitest';
import { karateEdges } from './karate-club.ts';

const options = { alpha: 0.85, tol: 1e-15 };
const folder = process.env['GRAD_DATA'];
if (folder === undefined) {
  console.warn('GRAD_DATA is not set: the tests on reference graphs that need it are skipped.');
}
const needsData = test.skipIf(folder === undefined);
const read = (path: string): string => readFileSync(`${folder}/${path}`, 'utf8');

/** Lines of numbers. */
const table = (text: string): number[][] =>
  text
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/).map(Number));

/** Score of the last member and its derivatives with respect to all weights. */
function lastMember(edges: readonly (readonly number[])[], weights: readonly number[]) {
  const score = (w: Tensor): Tensor => pagerank(edges, w, options).scores.at(33);
  return {
    scores: pagerank(edges, weights, options).scores.dataSync(),
    derivatives: grad(score)(tensor(weights)).dataSync(),
  };
}

describe("Zachary's karate club", () => {
  test('has the scores and derivatives that were computed with 34 digits', () => {
    const { scores, derivatives } = lastMember(
      karateEdges,
      karateEdges.map(() => 1),
    );
    expect(scores[33]).toBeCloseTo(0.100919182332626, 14);
    expect(scores[0]).toBeCloseTo(0.096997285388295, 14);
    expect(scores[32]).toBeCloseTo(0.071693226005754, 14);
    const derivative = (from: number, to: number): number | undefined =>
      derivatives[karateEdges.findIndex(([a, b]) => a === from && b === to)];
    expect(derivative(13, 33)).toBeCloseTo(0.005523732487822, 14);
    expect(derivative(19, 33)).toBeCloseTo(0.005220684311059, 14);
    expect(derivative(9, 2)).toBeCloseTo(-0.003805975745697, 14);
  });

  needsData(
    'has every reference score and derivative, with and without weights (needs GRAD_DATA)',
    () => {
      const reference: Record<string, Record<string, string>> = JSON.parse(
        read('karate/pagerank_reference.json'),
      );
      const ties = table(read('karate/karate_networkx_weighted.tsv'));
      const edges = ties.flatMap(([a = 0, b = 0]) => [
        [a, b],
        [b, a],
      ]);
      for (const kind of ['unweighted', 'weighted']) {
        const weights = ties.flatMap(([, , w = 1]) => (kind === 'weighted' ? [w, w] : [1, 1]));
        const { scores, derivatives } = lastMember(edges, weights);
        const known = Object.values(reference[`karate_${kind}`] ?? {}).map(Number);
        expect(known.length).toBe(34);
        known.forEach((score, i) => {
          expect(Math.abs((scores[i] ?? Number.NaN) - score)).toBeLessThan(1e-15);
        });
        const effects = reference[`karate_grad_p33_${kind}`] ?? {};
        expect(Object.keys(effects).length).toBe(156);
        edges.forEach(([a, b], i) => {
          const expected = Number(effects[`${a}-${b}`]);
          expect(Math.abs((derivatives[i] ?? Number.NaN) - expected)).toBeLessThan(1e-15);
        });
      }
    },
  );
});

describe('the votes of Wikipedia', () => {
  needsData(
    'have the known top page, whose gradient agrees with differences (needs GRAD_DATA)',
    () => {
      const pairs = table(read('web-graphs/Wiki-Vote.txt'));
      const labels = [...new Set(pairs.flat())].sort((a, b) => a - b);
      const place = new Map(labels.map((label, i) => [label, i]));
      const edges = Int32Array.from(pairs.flat(), (label) => place.get(label) ?? -1);
      const weights = tensor(new Float64Array(pairs.length).fill(1));
      expect([labels.length, pairs.length]).toEqual([7115, 103_689]);

      const { scores, status } = pagerank(edges, weights, options);
      const all = scores.dataSync();
      const top = all.indexOf(Math.max(...all));
      expect([status, labels[top]]).toEqual(['converged', 4037]);
      expect(all[top]).toBeCloseTo(4.60717351579749e-3, 16);

      const score = jit((w: Tensor) => pagerank(edges, w, options).scores.at(top));
      const gradient = Array.from(grad(score)(weights).dataSync());
      const sizes = gradient.map(Math.abs);
      const strongest = sizes.indexOf(sizes.reduce((a, b) => Math.max(a, b)));
      const h = 1e-4;
      const shifted = (by: number): number => {
        const changed = new Float64Array(pairs.length).fill(1);
        changed[strongest] = 1 + by;
        return score(tensor(changed)).item();
      };
      const expected = (shifted(h) - shifted(-h)) / (2 * h);
      expect(Math.abs((gradient[strongest] ?? 0) / expected - 1)).toBeLessThan(1e-7);
    },
  );
});
