import { jit, random, type Tensor, tensor, tree, valueAndGrad } from '@grad/core';
import { type GraphSize, graphBatch } from '@grad/graph';
import { adam, applyUpdates, chain, clipByGlobalNorm, cosineDecay } from '@grad/optim';
import { propertyNetwork, type Told, type Weights } from './property-network.ts';
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
  /** How many networks are trained, each from its own start; their mean is told. 1 when left out. */
  readonly networks?: number;
  readonly signal: AbortSignal;
  /** Called after each epoch with the share of all that is done. */
  readonly onProgress?: (share: number) => void;
}

/** How long to train on measured values. */
export const fullTraining = { epochs: 30, networks: 4 };

/** Trained networks, and how wrong their mean is. */
export interface PropertyTraining {
  readonly split: MoleculeSplit;
  /** Root mean square errors of validation and test, in units of the property. */
  readonly rmse: { readonly validation: number; readonly test: number };
  /** What is told of the test molecules. */
  readonly predictions: Float64Array;
  /** Errors of validation by epoch, for each network. */
  readonly histories: readonly (readonly number[])[];
  /** Values are told as (value - mean) / deviation. */
  readonly scale: { readonly mean: number; readonly deviation: number };
  /** Scaled values of molecules, `[graphs]`: the mean of what the networks tell. */
  readonly tell: (told: Told) => Tensor;
}

const batchSize = 32;
/** Share of the last weights in their running average. */
const averaged = 0.99;

/** A batch: molecules and the scaled values to learn. */
interface Batch extends Told {
  readonly values: Tensor;
}

/**
 * Trains networks on four fifths of the molecules by Adam. It is the running average of the weights that
 * is kept, at the epoch with the smallest error of validation; the test molecules have no say in it.
 */
export async function trainProperty(
  table: MoleculeTable,
  { seed, epochs, networks = 1, signal, onProgress }: PropertyTrainingOptions,
): Promise<PropertyTraining> {
  const split = splitMolecules(table.values.length, seed);
  const scale = scaleOf(split.train.map((k) => table.values[k] ?? 0));
  const width = table.descriptors[0]?.length ?? 0;
  const network = propertyNetwork(width);
  const standard = standardOf(split.train.map((k) => table.descriptors[k] ?? []));
  const keys = Array.from({ length: networks }, (_, k) => random.foldIn(random.key(seed), 2 + k));
  const plans = keys.map((key) => planOf(split.train, epochs, random.foldIn(key, 2)));
  const size = sizeFor(table, plans.flat(2));
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
  const predict = (weights: Weights, of: Told, key?: Tensor): Tensor =>
    network.predict(weights, { ...of, descriptors: standard(of.descriptors) }, key);
  const optimizer = chain(
    clipByGlobalNorm(1),
    adam({ learningRate: cosineDecay({ init: 2e-3, steps: plans[0]?.flat().length ?? 1 }) }),
  );
  const loss = (weights: Weights, of: Batch, key: Tensor): Tensor => {
    const { graphMask } = of.graph;
    const errors = predict(weights, of, key).sub(of.values);
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
  const told = jit((weights: Weights, of: Told) => predict(weights, of));
  const [held, test] = [batch(split.validation), batch(split.test)];
  const errorOf = (tells: Tensor, of: Batch): number =>
    Math.sqrt(tells.sub(of.values).square().mean().item()) * scale.deviation;

  const kept: Weights[] = [];
  const histories: number[][] = [];
  for (const [number, plan] of plans.entries()) {
    const key = keys[number] ?? random.key(seed);
    const draws = random.foldIn(key, 3);
    let weights = network.init(key);
    let average = weights;
    let state = optimizer.init(weights);
    let best = { error: Number.POSITIVE_INFINITY, weights };
    const history: number[] = [];
    let steps = 0;
    for (const batches of plan) {
      for (const members of batches) {
        // At the start the average is over the few steps there are.
        const share = tensor(Math.min(averaged, steps / (steps + 10)), { dtype: 'float32' });
        const drop = random.foldIn(draws, steps);
        const args = [weights, average, state, batch(members, size), drop, share] as const;
        [weights, average, state] = await step.async(args, { signal });
        steps++;
      }
      const error = errorOf(await told.async([average, held], { signal }), held);
      history.push(error);
      if (error < best.error) best = { error, weights: average };
      onProgress?.((number + history.length / epochs) / networks);
    }
    kept.push(best.weights);
    histories.push(history);
  }
  const tell = (of: Told): Tensor =>
    kept
      .map((weights) => predict(weights, of))
      .reduce((sum, tells) => sum.add(tells))
      .div(networks);
  const tells = tell(test);
  return {
    split,
    rmse: { validation: errorOf(tell(held), held), test: errorOf(tells, test) },
    predictions: Float64Array.from(
      tells.dataSync(),
      (value) => value * scale.deviation + scale.mean,
    ),
    histories,
    scale,
    tell,
  };
}

function scaleOf(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

/** Takes off the mean of each column of these rows, divides by its deviation, and keeps what is far out at 5. */
function standardOf(rows: readonly (readonly number[])[]): (x: Tensor) => Tensor {
  const columns = (rows[0] ?? []).map((_, c) => scaleOf(rows.map((row) => row[c] ?? 0)));
  const mean = tensor(Float32Array.from(columns, (column) => column.mean));
  const deviation = tensor(Float32Array.from(columns, (column) => column.deviation));
  return (x) => x.sub(mean).div(deviation).maximum(-5).minimum(5);
}

/** The batches of each epoch. */
function planOf(train: readonly number[], epochs: number, key: Tensor): number[][][] {
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
