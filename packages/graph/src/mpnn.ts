import {
  random,
  relu,
  sigmoid,
  type Tensor,
  type TensorLike,
  take,
  tanh,
  where,
  zeros,
} from '@grad/core';
import { degrees, nodeCount, sumAtEnds, weightsAs } from './aggregate.ts';
import { checkChoice, checkCount, checkOptions, matrix } from './check.ts';
import type { Graph } from './graph-batch.ts';
import type { GraphLayer } from './layer.ts';
import { drawWeight, inputOf, parameter } from './linear.ts';

/** Options of `mpnn`. */
export interface MpnnOptions {
  /** Numbers in a message; as many as at a node when left out. */
  readonly messages?: number;
  /** How messages come together at a node; `sum` when left out. */
  readonly aggregate?: 'sum' | 'mean';
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/** Parameters of `mpnn`, for F numbers at a node, M in a message and D at an edge. */
export interface MpnnParams {
  /** `[F, M]`, for the node that sends. */
  readonly sender: Tensor;
  /** `[F, M]`, for the node that receives. */
  readonly receiver: Tensor;
  /** `[D, M]`, for the edge between them. */
  readonly edge: Tensor;
  /** `[M]` */
  readonly messageBias: Tensor;
  /** `[M, 3 F]`: from what arrives to reset gate, update gate and new numbers. */
  readonly arriving: Tensor;
  /** `[F, 3 F]`: the same from the numbers at the node. */
  readonly own: Tensor;
  /** `[3 F]` */
  readonly bias: Tensor;
  /** `[F]`, added to what the reset gate applies to. */
  readonly newBias: Tensor;
}

/**
 * A round of messages along edges that have features. From j to i goes relu(h_j A + h_i B + e_ij C + b), times the weight of
 * the edge; what arrives at a node is summed, and updates its numbers as a gated recurrent unit does. Apply
 * one layer several times for shared weights, or several layers for weights of their own. The numbers of
 * edges are `graph.edgeFeatures`.
 *
 * @param features numbers at a node
 * @param edgeFeatures numbers at an edge; 0 for none
 * @throws RangeError when a size is no whole number, or an option is unknown.
 * @see J. Gilmer et al., Neural Message Passing for Quantum Chemistry (2017), section 2.
 */
export function mpnn(
  features: number,
  edgeFeatures: number,
  options: MpnnOptions = {},
): GraphLayer<MpnnParams> {
  const name = 'mpnn';
  checkCount(name, 'the number of features', features);
  checkCount(name, 'the number of edge features', edgeFeatures, 0);
  checkOptions(name, options, ['messages', 'aggregate', 'dtype']);
  const { messages = features, aggregate = 'sum', dtype = 'float32' } = options;
  checkCount(name, 'messages', messages);
  checkChoice(name, 'aggregate', aggregate, ['sum', 'mean']);
  const shapes = {
    sender: [features, messages],
    receiver: [features, messages],
    edge: [edgeFeatures, messages],
    messageBias: [messages],
    arriving: [messages, 3 * features],
    own: [features, 3 * features],
    bias: [3 * features],
    newBias: [features],
  };
  return {
    kind: name,
    inputs: features,
    outputs: features,
    init: (key) => {
      const draw = (place: number, [rows = 0, columns = 0]: readonly number[]): Tensor =>
        rows === 0
          ? zeros([rows, columns], { dtype })
          : drawWeight(random.foldIn(key, place), rows, columns, dtype);
      return {
        sender: draw(0, shapes.sender),
        receiver: draw(1, shapes.receiver),
        edge: draw(2, shapes.edge),
        messageBias: zeros(shapes.messageBias, { dtype }),
        arriving: draw(3, shapes.arriving),
        own: draw(4, shapes.own),
        bias: zeros(shapes.bias, { dtype }),
        newBias: zeros(shapes.newBias, { dtype }),
      };
    },
    apply: (params, x: TensorLike, graph: Graph) => {
      const p = (key: keyof MpnnParams): Tensor => parameter(name, key, params[key], shapes[key]);
      const h = inputOf(name, x, nodeCount(graph), features, p('own'));
      const edges = graph.from.shape[0] ?? 0;
      const e = matrix(name, 'graph.edgeFeatures', graph.edgeFeatures, edges, edgeFeatures);
      const weights = weightsAs(h, graph);
      const sent = take(h.matmul(p('sender')), graph.from)
        .add(take(h.matmul(p('receiver')), graph.to))
        .add(e.astype(h.dtype).matmul(p('edge')))
        .add(p('messageBias'));
      const sums = sumAtEnds(relu(sent).mul(weights.expandDims(1)), graph);
      const arrived = aggregate === 'sum' ? sums : sums.div(atLeastSome(degrees(weights, graph)));
      return update(
        h,
        arrived.matmul(p('arriving')).add(p('bias')),
        h.matmul(p('own')),
        p('newBias'),
      );
    },
  };
}

function atLeastSome(degree: Tensor): Tensor {
  return where(degree.gt(0), degree, 1).expandDims(1);
}

/** A gated recurrent unit, with the reset gate after the product. */
function update(h: Tensor, arriving: Tensor, own: Tensor, newBias: Tensor): Tensor {
  const size = h.shape[1] ?? 0;
  const part = (all: Tensor, k: number): Tensor => all.at(null, [k * size, (k + 1) * size]);
  const reset = sigmoid(part(arriving, 0).add(part(own, 0)));
  const kept = sigmoid(part(arriving, 1).add(part(own, 1)));
  const fresh = tanh(part(arriving, 2).add(part(own, 2).add(newBias).mul(reset)));
  return fresh.add(kept.mul(h.sub(fresh)));
}
