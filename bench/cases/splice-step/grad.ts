import { grad, jit, type Tensor, tree } from '../../../packages/core/src/index.ts';
import { type SpliceParams, spliceModel } from '../../../packages/sequence/src/index.ts';
import { elements, given } from '../../src/peers/grad-side.ts';
import { type Inputs, numberOf, type Prepare } from '../../src/suite.ts';

function layer(inputs: Inputs, direction: string): SpliceParams['encoder']['forward'] {
  return {
    inputWeight: given(inputs, `${direction}.inputs`),
    hiddenWeight: given(inputs, `${direction}.hidden`),
    bias: given(inputs, `${direction}.bias`),
    hiddenBias: given(inputs, `${direction}.hiddenBias`),
  };
}

export const prepare: Prepare = (inputs, options) => {
  const rate = numberOf(options, 'learningRate');
  const model = spliceModel({ units: numberOf(options, 'units'), dropout: 0 });
  const [x, labels] = [given(inputs, 'x').transpose([1, 0, 2]), given(inputs, 'labels')];
  const start: SpliceParams = {
    encoder: { forward: layer(inputs, 'forward'), backward: layer(inputs, 'backward') },
    head: { weight: given(inputs, 'weight'), bias: given(inputs, 'bias') },
  };
  const [first, structure] = tree.flatten(start);
  const loss = (leaves: readonly Tensor[], x: Tensor, labels: Tensor): Tensor =>
    model.loss(tree.unflatten<SpliceParams>(structure, leaves), { x, labels });
  const step = jit((leaves: readonly Tensor[], x: Tensor, labels: Tensor): readonly Tensor[] => {
    const slopes = grad(loss)(leaves, x, labels);
    return leaves.map((leaf, i) => leaf.sub((slopes[i] ?? leaf).mul(rate)));
  });
  let leaves: readonly Tensor[] = first;
  return {
    run: () => {
      leaves = step(leaves, x, labels);
    },
    output: () => {
      const { encoder, head } = tree.unflatten<SpliceParams>(structure, leaves);
      const parts = [encoder.forward, encoder.backward].flatMap((each) => [
        each.inputWeight,
        each.hiddenWeight,
        each.bias,
        each.hiddenBias,
      ]);
      return elements([...parts, head.weight, head.bias]);
    },
  };
};
