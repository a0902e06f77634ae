import { readFileSync } from 'node:fs';
import { evals, Input } from '@grad/gradbench';
import type { Row } from '@grad/tour';
import { bundleJacobian, bundleJacobianByHand, bundleProblem } from '../adbench/ba.ts';
import { mixtureGradient, mixtureGradientByHand, readMixture } from '../adbench/gmm.ts';
import { handJacobian, handJacobianByHand, readHand } from '../adbench/hand.ts';
import { lstmGradient, lstmGradientByHand, readLstm } from '../adbench/lstm.ts';
import { rho } from '../adbench/numbers.ts';
import type { DataFolder } from '../data-folder.ts';
import { atMostRow, nearRow, plainRow, printedRow } from '../rows.ts';

export function gmmRows(data: DataFolder): Row[] {
  const files = [
    'test',
    '1k/gmm_d10_K5',
    '1k/gmm_d10_K25',
    '1k/gmm_d20_K25',
    '1k/gmm_d32_K10',
    '10k/gmm_d10_K25',
  ];
  return files.flatMap((name) => {
    const mixture = readMixture(data, name);
    const { value, gradient } = mixtureGradient(mixture);
    const known =
      name === 'test' ? [printedRow('gmm/test: value', value, '8.073804080049758')] : [];
    const off = rho(gradient, mixtureGradientByHand(mixture));
    return [...known, atMostRow(`${name}: rho of ${gradient.length} derivatives`, off, 1e-8)];
  });
}

export function bundleRows(data: DataFolder): Row[] {
  return ['test', 'ba1_n49_m7776_p31843'].flatMap((name) => {
    const problem = bundleProblem(data, name);
    const [found, known] = [bundleJacobian(problem), bundleJacobianByHand(problem)];
    return [
      nearRow(`${name}: nonzeros`, found.length, 31 * problem.weights.length, 0),
      atMostRow(`${name}: rho of the Jacobian`, rho(found, known), 1e-8),
    ];
  });
}

export function lstmRows(data: DataFolder): Row[] {
  return ['lstm_l2_c1024', 'lstm_l4_c1024'].flatMap((name) => {
    const problem = readLstm(data, name);
    const { value, gradient } = lstmGradient(problem);
    const loss =
      name === 'lstm_l2_c1024'
        ? printedRow(`${name}: F`, value, '.66666518')
        : plainRow(`${name}: F`, value);
    const off = rho(gradient, lstmGradientByHand(problem));
    return [loss, atMostRow(`${name}: rho of ${gradient.length} derivatives`, off, 1e-8)];
  });
}

export function handRows(data: DataFolder): Row[] {
  const files = [
    'simple_small/hand1_t26_c100',
    'simple_small/hand5_t26_c800',
    'simple_big/hand5_t26_c800',
    'complicated_small/hand1_t26_c100',
    'complicated_small/hand5_t26_c800',
  ];
  return files.map((name) => {
    const problem = readHand(data, name);
    const found = handJacobian(problem);
    return atMostRow(
      `${name}: rho of ${found.length} derivatives`,
      rho(found, handJacobianByHand(problem)),
      1e-8,
    );
  });
}

interface Recording {
  readonly function: string;
  readonly input: unknown;
  readonly output: unknown;
}

/** The evals on recorded inputs, each against the outputs recorded with them. */
export function gradbenchRows(names: readonly string[] = [...evals.keys()]): Row[] {
  return names.map((name) => {
    const path = new URL(`../../../gradbench/test/recorded/${name}.json`, import.meta.url);
    const recordings: Recording[] = JSON.parse(readFileSync(path, 'utf8'));
    const worst = recordings.map(({ function: f, input, output }) => {
      const task = evals.get(name)?.[f]?.(new Input(input));
      task?.run();
      return rho(numbers(task?.output()), numbers(output));
    });
    const off = worst.reduce((a, b) => Math.max(a, b), 0);
    return atMostRow(`${name}: rho of ${recordings.length} answers`, off, 1e-11);
  });
}

/** Every number in a value, by the names of its parts. */
function numbers(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const parts = Object.entries(value);
  const sorted = Array.isArray(value) ? parts : parts.sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.flatMap(([, part]) => numbers(part));
}
