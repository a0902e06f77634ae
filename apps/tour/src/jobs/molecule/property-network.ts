import { concatenate, random, relu, type Tensor } from '@grad/core';
import {
  atomFeatureNames,
  bondFeatureNames,
  type Graph,
  type MpnnParams,
  mpnn,
  pool,
} from '@grad/graph';
import { dense, dropout, mlp, type WeightParams } from '@grad/nn';

const hidden = 64;
const rounds = 3;
/** Probability that one of a molecule's numbers is dropped in training. */
const drop = 0.1;

/** Sums over atoms are divided by the size of a usual molecule, so that numbers are about 1. */
const usualSize = 10;

const atoms = atomFeatureNames.length;
const embed = dense(atoms, hidden);
const layers = Array.from({ length: rounds }, () => mpnn(hidden, bondFeatureNames.length));

/** Numbers of the network. */
export interface Weights {
  readonly embed: WeightParams;
  readonly rounds: readonly MpnnParams[];
  readonly head: ReturnType<ReturnType<typeof mlp>['init']>;
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
 * they were and with what is known of the molecule as a whole.
 */
export function propertyNetwork(descriptors: number): PropertyNetwork {
  const head = mlp([2 * hidden + atoms + descriptors, hidden, 1], { activation: relu });
  return {
    init: (key) => ({
      embed: embed.init(random.foldIn(key, 0)),
      rounds: layers.map((layer, l) => layer.init(random.foldIn(key, 2 + l))),
      head: head.init(random.foldIn(key, 1)),
    }),
    predict: (weights, { graph, descriptors: known }, key) => {
      const h = layers.reduce(
        (x, layer, l) => layer.apply(weights.rounds[l] ?? missing(l), x, graph),
        relu(embed.apply(weights.embed, graph.features)),
      );
      const molecule = concatenate(
        [
          pool(h, graph).div(usualSize),
          pool(h, graph, { mode: 'mean' }),
          pool(graph.features, graph).div(usualSize),
          known.astype(h.dtype),
        ],
        { axis: 1 },
      );
      const kept = key === undefined ? molecule : dropout(drop).train({}, molecule, { key })[0];
      return head.apply(weights.head, kept).reshape([-1]);
    },
  };
}

function missing(round: number): never {
  throw new Error(`There are no weights of round ${round}.`);
}
