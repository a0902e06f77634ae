import { jit, random, type Tensor, tensor, tree, valueAndGrad } from '@grad/core';
import { type GraphSize, graphBatch } from '@grad/graph';
import { adam, applyUpdates, chain, clipByGlobalNorm, cosineDecay } from '@grad/optim';
import {
  type PropertyNetwork,
  propertyNetwork,
  type Told,
  type Weights,
} from './property-network.ts';
import {
  type MoleculeSplit,
  type MoleculeTable,
  shuffled,
  splitMolecules,
} from './split-molecules.ts';

/** How long to train, and whom to tell. */
export interface PropertyTrainingOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly signal: AbortSignal;
  readonly onEpoch?: (epoch: number) => void;
}

/** A trained network and how wrong it is. */
export interface PropertyTraining {
  readonly split: MoleculeSplit;
  /** Root mean square errors of validation and test, in units of the property. */
  readonly rmse: { readonly validation: number; readonly test: number };
  /** What is told of the test molecules. */
  readonly predictions: Float64Array;
  /** Errors of validation by epoch. */
  readonly history: readonly number[];
  /** Values are told as (value - mean) / deviation. */
  readonly scale: { readonly mean: number; readonly deviation: number };
  readonly network: PropertyNetwork;
  readonly weights: Weights;
}

const batchSize = 32;
/** Share of the last weights in their running average. */
const averaged = 0.99;

/** A batch: molecules and the scaled values to learn. */
interface Batch extends Told {
  readonly values: Tensor;
}

/**
 * Trains the network on four fifths of the molecules by Adam. It is the running average of the weights that
 * is kept, at the epoch with the smallest error of validation; the test molecules have no say in it.
 */
export async function trainProperty(
  table: MoleculeTable,
  { seed, epochs, signal, onEpoch }: PropertyTrainingOptions,
): Promise<PropertyTraining> {
  const split = splitMolecules(table.values.length, seed);
  const scale = scaleOf(split.train.map((k) => table.values[k] ?? 0));
  const width = table.descriptors[0]?.length ?? 0;
  const network = propertyNetwork(width);
  const plan = planOf(split.train, epochs, seed);
  const size = sizeFor(table, plan.flat());
  const batch = (members: readonly number[], to?: GraphSize): Batch => {
    const values = new Float32Array(to?.graphs ?? members.length);
    for (const [place, k] of members.entries()) {
      values[place] = ((table.values[k] ?? 0) - scale.mean) / scale.deviation;
    }
    const graphs = members.flatMap((k) => table.graphs[k] ?? []);
    const descriptors = new Float32Array(values.length * width);
    for (const [place, k] of members.entries()) {
      descriptors.set(table.descriptors[k] ?? [], place * width);
    }
    return {
      graph: graphBatch(graphs, { undirected: true, ...(to && { size: to }) }),
      descriptors: tensor(descriptors).reshape([values.length, width]),
      values: tensor(values),
    };
  };
  const optimizer = chain(
    clipByGlobalNorm(1),
    adam({ learningRate: cosineDecay({ init: 2e-3, steps: plan.flat().length }) }),
  );
  const loss = (weights: Weights, of: Batch, key: Tensor): Tensor => {
    const { graphMask } = of.graph;
    const errors = network.predict(weights, of, key).sub(of.values);
    return errors.square().mul(graphMask).sum().div(graphMask.sum());
  };
  type State = ReturnType<typeof optimizer.init>;
  const step = jit(
    (weights: Weights, average: Weights, state: State, of: Batch, key: Tensor, share: Tensor) => {
      const [, slopes] = valueAndGrad((w: Weights) => loss(w, of, key))(weights);
      const [updates, next] = optimizer.update(slopes, state, weights);
      const changed = applyUpdates(weights, updates);
      const mixed = tree.map((a, w) => w.add(a.sub(w).mul(share)), average, changed);
      return [changed, mixed, next] as const;
    },
  );
  const tell = jit((weights: Weights, told: Told) => network.predict(weights, told));
  const [held, test] = [batch(split.validation), batch(split.test)];
  const errorOf = async (weights: Weights, of: Batch): Promise<number> => {
    const told = await tell.async([weights, of], { signal });
    return Math.sqrt(told.sub(of.values).square().mean().item()) * scale.deviation;
  };

  let weights = network.init(random.key(seed));
  let average = weights;
  let state = optimizer.init(weights);
  let best = { error: Number.POSITIVE_INFINITY, weights };
  const history: number[] = [];
  const draws = random.foldIn(random.key(seed), 3);
  let steps = 0;
  for (const [epoch, batches] of plan.entries()) {
    for (const members of batches) {
      const key = random.foldIn(draws, steps);
      // At the start the average is over the few steps there are.
      const share = tensor(Math.min(averaged, steps / (steps + 10)), { dtype: 'float32' });
      const args = [weights, average, state, batch(members, size), key, share] as const;
      [weights, average, state] = await step.async(args, { signal });
      steps++;
    }
    const error = await errorOf(average, held);
    history.push(error);
    if (error < best.error) best = { error, weights: average };
    onEpoch?.(epoch + 1);
  }
  const told = tell(best.weights, test);
  return {
    split,
    rmse: { validation: best.error, test: await errorOf(best.weights, test) },
    predictions: Float64Array.from(
      told.dataSync(),
      (value) => value * scale.deviation + scale.mean,
    ),
    history,
    scale,
    network,
    weights: best.weights,
  };
}

function scaleOf(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

/** The batches of each epoch. */
function planOf(train: readonly number[], epochs: number, seed: number): number[][][] {
  const key = random.foldIn(random.key(seed), 2);
  return Array.from({ length: epochs }, (_, epoch) => {
    const order = shuffled(train, random.foldIn(key, epoch));
    return Array.from({ length: Math.ceil(order.length / batchSize) }, (_, b) =>
      order.slice(b * batchSize, (b + 1) * batchSize),
    );
  });
}

/** The size that all batches fit into: smaller than that of the largest molecules together. */
function sizeFor({ graphs }: MoleculeTable, batches: readonly (readonly number[])[]): GraphSize {
  const largest = (count: (k: number) => number): number =>
    Math.max(1, ...batches.map((members) => members.reduce((sum, k) => sum + count(k), 0)));
  return {
    nodes: largest((k) => graphs[k]?.nodes ?? 0),
    edges: 2 * largest((k) => graphs[k]?.edges.length ?? 0),
    graphs: batchSize,
  };
}
