import { jit, type Tensor, tensor } from '@grad/core';
import { graphBatch, type MoleculeGraph } from '@grad/graph';
import { integratedGradients } from '@grad/vision';
import type { PropertyTraining } from './train-property.ts';

/** What is told of a molecule, and what each of its atoms adds to that. */
export interface Contributions {
  readonly smiles: string;
  readonly prediction: number;
  /** In units of the property, one for each atom. */
  readonly atoms: readonly number[];
}

/**
 * Integrated gradients from atoms about which nothing is known to those that are there: what each atom adds
 * to the prediction, its neighbors given. `missed` is the largest difference between the sum of a molecule's contributions and
 * what they should sum to.
 */
export function contributionsOf(
  { tell, scale }: PropertyTraining,
  molecules: readonly MoleculeGraph[],
  known: readonly (readonly number[])[],
): { readonly molecules: readonly Contributions[]; readonly missed: number } {
  const graph = graphBatch(molecules, { undirected: true });
  const descriptors = tensor(Float32Array.from(known.flat())).reshape([
    molecules.length,
    known[0]?.length ?? 0,
  ]);
  // Molecules do not see each other, so that one derivative of the sum serves all.
  const tellOf = (features: Tensor): Tensor => tell({ graph: { ...graph, features }, descriptors });
  const attribute = jit(
    (features: Tensor) =>
      integratedGradients((x) => tellOf(x.at(0)).sum().reshape([1]), features.expandDims(0), {
        steps: 256,
        method: 'riemann',
      }).attribution,
  );
  const parts = attribute(graph.features).sum({ axis: 2 }).at(0).dataSync();
  const [full, none] = [
    tellOf(graph.features).dataSync(),
    tellOf(graph.features.mul(0)).dataSync(),
  ];
  let first = 0;
  let missed = 0;
  const found = molecules.map(({ smiles, nodes }, k): Contributions => {
    const atoms = Array.from(parts.slice(first, first + nodes), (part) => part * scale.deviation);
    first += nodes;
    const change = ((full[k] ?? 0) - (none[k] ?? 0)) * scale.deviation;
    missed = Math.max(missed, Math.abs(atoms.reduce((sum, part) => sum + part, 0) - change));
    return { smiles, prediction: (full[k] ?? 0) * scale.deviation + scale.mean, atoms };
  });
  return { molecules: found, missed };
}
