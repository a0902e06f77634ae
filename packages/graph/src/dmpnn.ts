import { random, relu, type Tensor, type TensorLike, take, where, zeros } from '@grad/core';
import { nodeCount, sumAtEnds, weightsAs } from './aggregate.ts';
import { checkCount, checkOptions, matrix } from './check.ts';
import type { Graph } from './graph-batch.ts';
import type { GraphLayer } from './layer.ts';
import { checkSizes, drawWeight, inputOf, parameter } from './linear.ts';

/** Options of `dmpnn`. */
export interface DmpnnOptions {
  /** How many edges far a node sees; 3 when left out. */
  readonly rounds?: number;
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/** Parameters of `dmpnn`, for F numbers at a node, D at an edge, and H that come out. */
export interface DmpnnParams {
  /** `[F, H]`, for the node that an edge starts at. */
  readonly sender: Tensor;
  /** `[D, H]`, for the edge. */
  readonly edge: Tensor;
  /** `[H, H]`, for what comes along the edges before, the same in each round. */
  readonly before: Tensor;
  /** `[F, H]`, for the node that messages end at. */
  readonly own: Tensor;
  /** `[H, H]`, for what arrives there. */
  readonly arriving: Tensor;
  /** `[H]` */
  readonly bias: Tensor;
}

/**
 * Directed message passing: messages belong to edges, and what came along an edge does not go back along it, so
 * that a node does not hear its own echo. The edge from j to i begins with s = h_j S + e_ij E and the message
 * relu(s). In each further round the message becomes relu(s + m B), where m is the sum of the messages that arrive at j, but
 * for the one from i. In the end a node becomes relu(h_i O + a A + b), where a is the sum of all that arrive. Messages
 * count by the weights of their edges. The numbers of edges are `graph.edgeFeatures`.
 *
 * @param inputs numbers at a node
 * @param outputs numbers in a message, and at a node afterwards
 * @param edgeFeatures numbers at an edge; 0 for none
 * @throws RangeError when a size or the number of rounds is no whole number; TypeError when an option is unknown.
 * @see K. Yang et al., Analyzing Learned Molecular Representations for Property Prediction, Journal of
 * Chemical Information and Modeling 59 (2019) 3370, section Directed MPNN.
 */
export function dmpnn(
  inputs: number,
  outputs: number,
  edgeFeatures: number,
  options: DmpnnOptions = {},
): GraphLayer<DmpnnParams> {
  const name = 'dmpnn';
  checkSizes(name, inputs, outputs);
  checkCount(name, 'the number of edge features', edgeFeatures, 0);
  checkOptions(name, options, ['rounds', 'dtype']);
  const { rounds = 3, dtype = 'float32' } = options;
  checkCount(name, 'rounds', rounds);
  const shapes = {
    sender: [inputs, outputs],
    edge: [edgeFeatures, outputs],
    before: [outputs, outputs],
    own: [inputs, outputs],
    arriving: [outputs, outputs],
    bias: [outputs],
  };
  return {
    kind: name,
    inputs,
    outputs,
    init: (key) => {
      const draw = (place: number, [rows = 0, columns = 0]: readonly number[]): Tensor =>
        rows === 0
          ? zeros([rows, columns], { dtype })
          : drawWeight(random.foldIn(key, place), rows, columns, dtype);
      return {
        sender: draw(0, shapes.sender),
        edge: draw(1, shapes.edge),
        before: draw(2, shapes.before),
        own: draw(3, shapes.own),
        arriving: draw(4, shapes.arriving),
        bias: zeros(shapes.bias, { dtype }),
      };
    },
    apply: (params, x: TensorLike, graph: Graph) => {
      const p = (key: keyof DmpnnParams): Tensor => parameter(name, key, params[key], shapes[key]);
      const h = inputOf(name, x, nodeCount(graph), inputs, p('sender'));
      const edges = graph.from.shape[0] ?? 0;
      const e = matrix(name, 'graph.edgeFeatures', graph.edgeFeatures, edges, edgeFeatures);
      const weights = weightsAs(h, graph).expandDims(1);
      const start = take(h.matmul(p('sender')), graph.from).add(
        e.astype(h.dtype).matmul(p('edge')),
      );
      const back = leadsBack(graph).expandDims(1);
      let messages = relu(start).mul(weights);
      for (let round = 1; round < rounds; round++) {
        const echo = where(back, take(messages, graph.reverse), 0);
        const arrived = take(sumAtEnds(messages, graph), graph.from).sub(echo);
        messages = relu(start.add(arrived.matmul(p('before')))).mul(weights);
      }
      const arrived = sumAtEnds(messages, graph);
      const own = h.matmul(p('own')).add(p('bias'));
      return relu(arrived.matmul(p('arriving')).add(own));
    },
  };
}

/** Whether `graph.reverse` is an edge that leads back; a loop leads back itself. */
function leadsBack(graph: Graph): Tensor {
  return take(graph.to, graph.reverse).eq(graph.from);
}
