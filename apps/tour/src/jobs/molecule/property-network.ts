import { concatenate, log1p, random, type Tensor } from '@grad/core';
import {
  atomFeatureNames,
  bondFeatureNames,
  type DmpnnParams,
  dmpnn,
  type Graph,
  pool,
} from '@grad/graph';
import { dropout, mlp, type WeightParams } from '@grad/nn';

const hidden = 128;
/** Probability that one of a molecule's numbers is dropped in training. */
const drop = 0.1;

const atoms = atomFeatureNames.length;
const messages = dmpnn(atoms, hidden, bondFeatureNames.length, { rounds: 3 });

/** Numbers of the network. */
export interface Weights {
  readonly messages: DmpnnParams;
  readonly head: Readonly<Record<string, WeightParams>>;
}

/** What the network is told of some molecules. */
export interface Told {
  readonly graph: Graph;
  /** Numbers about each molecule as a whole, `[graphs, descriptors]`. */
  readonly descriptors: Tensor;
}

/** A network that tells a number for each molecule. */
export interface PropertyNetwork {
  /** Numbers to start from. */
  init(key: Tensor): Weights;
  /** What is told, `[graphs]`. With a key, as in training, numbers are dropped. */
  predict(weights: Weights, told: Told, key?: Tensor): Tensor;
}

/**
 * Atoms exchange messages along bonds, and what they then hold is added up, averaged, and joined with the sums of what
 * they were and with what is known of the molecule as a whole. It is the logarithm of sums that is joined,
 * so that a molecule larger than most is nothing extreme.
 */
export function propertyNetwork(descriptors: number): PropertyNetwork {
  const head = mlp([2 * hidden + atoms + descriptors, hidden, 1]);
  return {
    init: (key) => ({
      messages: messages.init(random.foldIn(key, 0)),
      head: head.init(random.foldIn(key, 1)),
    }),
    predict: (weights, { graph, descriptors: known }, key) => {
      const h = messages.apply(weights.messages, graph.features, graph);
      const molecule = concatenate(
        [
          log1p(pool(h, graph)),
          pool(h, graph, { mode: 'mean' }),
          log1p(pool(graph.features, graph)),
          known.astype(h.dtype),
        ],
        { axis: 1 },
      );
      const kept = key === undefined ? molecule : dropout(drop).train({}, molecule, { key })[0];
      return head.apply(weights.head, kept).reshape([-1]);
    },
  };
}
