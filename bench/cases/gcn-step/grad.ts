import {
  grad,
  jit,
  relu,
  SparsityPattern,
  type Tensor,
  tree,
} from '../../../packages/core/src/index.ts';
import { gcnConv, graphBatch } from '../../../packages/graph/src/index.ts';
import { crossEntropy } from '../../../packages/nn/src/index.ts';
import { elements, given } from '../../src/peers/grad-side.ts';
import { need, numberOf, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, options) => {
  const rate = numberOf(options, 'learningRate');
  const columns = need(inputs, 'columns');
  const [nodes = 0, perNode = 0] = columns.shape;
  const layer = (i: number) => ({ weight: given(inputs, `w${i}`), bias: given(inputs, `b${i}`) });
  let params = { hidden: layer(0), last: layer(1) };
  const [words = 0, width = 0] = params.hidden.weight.shape;
  const [hidden, last] = [gcnConv(words, width), gcnConv(width, params.last.bias.size)];
  const edges = Int32Array.from(need(inputs, 'edges').data);
  const graph = graphBatch([{ nodes, edges }], { undirected: true });
  const features = {
    data: given(inputs, 'values'),
    pattern: new SparsityPattern({
      shape: [nodes, words],
      indptr: Int32Array.from({ length: nodes + 1 }, (_, i) => i * perNode),
      indices: Int32Array.from(columns.data),
    }),
  };
  const labels = given(inputs, 'labels');
  const loss = (p: typeof params): Tensor => {
    const h = relu(hidden.apply(p.hidden, features, graph));
    return crossEntropy(last.apply(p.last, h, graph).at([0, labels.size]), labels);
  };
  const step = jit((p: typeof params) =>
    tree.map((value, slope) => value.sub(slope.mul(rate)), p, grad(loss)(p)),
  );
  return {
    run: () => {
      params = step(params);
    },
    output: () => elements(params),
  };
};
