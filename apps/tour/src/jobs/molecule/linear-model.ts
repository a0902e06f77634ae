import { linalg, tensor } from '@grad/core';
import type { MoleculeGraph } from '@grad/graph';
import type { MoleculeSplit, MoleculeTable } from './split-molecules.ts';

/** Added to the diagonal: some features never occur, or always with others. */
const ridge = 1e-3;

/**
 * Root mean square error of a linear model of how often each feature of atoms occurs, by least squares: what
 * can be told without knowing who is bound to whom.
 */
export function linearError(
  { graphs, values }: MoleculeTable,
  { train, test }: MoleculeSplit,
): number {
  const rows = (members: readonly number[]) => tensor(members.map((k) => counts(graphs[k])));
  const targets = (members: readonly number[]) => tensor(members.map((k) => values[k] ?? 0));
  const x = rows(train);
  const width = x.shape[1] ?? 0;
  const normal = x
    .transpose()
    .matmul(x)
    .add(tensor(diagonal(width)));
  const weights = linalg.solve(normal, x.transpose().matmul(targets(train)));
  return Math.sqrt(rows(test).matmul(weights).sub(targets(test)).square().mean().item());
}

function counts(graph: MoleculeGraph | undefined): number[] {
  const [first = [], ...others] = graph?.features ?? [];
  return [1, ...first.map((value, k) => others.reduce((sum, row) => sum + (row[k] ?? 0), value))];
}

function diagonal(size: number): number[][] {
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => (i === j ? ridge : 0)),
  );
}
