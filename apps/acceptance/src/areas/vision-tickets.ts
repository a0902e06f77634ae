import { argmax, jit, random, relu, type Tensor, type Traced, tree } from '@grad/core';
import { type LabelledImages, minibatches, readLabelledImages } from '@grad/data';
import { crossEntropy, mlp } from '@grad/nn';
import { adam, fit } from '@grad/optim';
import type { Row } from '@grad/tour';
import { edgePopup, iterativeMagnitudePruning } from '@grad/vision';
import type { DataFolder } from '../data-folder.ts';
import type { LineContext } from '../line.ts';
import { atLeastRow, atMostRow, plainRow } from '../rows.ts';

/** LeNet-300-100 and the training of Frankle and Carbin: Adam at 1.2e-3, batches of 60. */
const model = mlp([784, 300, 100, 10], { activation: relu });
type Params = ReturnType<typeof model.init>;
const epochs = 5;
const rounds = 15;

interface Mnist {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

async function readMnist(data: DataFolder): Promise<Mnist> {
  const read = async (part: string): Promise<LabelledImages> => {
    const { images, labels } = await readLabelledImages({
      images: data.bytes(`mnist/${part}-images-idx3-ubyte.gz`),
      labels: data.bytes(`mnist/${part}-labels-idx1-ubyte.gz`),
    });
    return { images: images.reshape([-1, 784]), labels };
  };
  return { train: await read('train'), test: await read('t10k') };
}

const accuracy = jit(
  (scores: Tensor, labels: Tensor): Tensor =>
    argmax(scores, { axis: 1 }).eq(labels).astype('float64').mean(),
);

/** The weights of the layers, without biases. */
const weightsOf = (params: Traced<Params>): Tensor[] =>
  Object.values(params).map((layer) => layer.weight);

/** The same parameters with other weights. */
function withWeights(params: Traced<Params>, weights: readonly Tensor[]): Traced<Params> {
  const layers = Object.entries(params).map(([name, layer], i) => [
    name,
    { ...layer, weight: weights[i] ?? layer.weight },
  ]);
  return Object.fromEntries(layers);
}

export async function ticketRows({ data, show }: LineContext): Promise<Row[]> {
  const { train, test } = await readMnist(data);
  const start = model.init(random.key(0));
  const biases = start;
  const found = await iterativeMagnitudePruning(weightsOf(start), {
    rounds,
    rate: 0.2,
    scope: 'layer',
    weightsOf,
    async train(weights, mask, round) {
      const { params } = await fit(
        (p: Params, { images, labels }: LabelledImages, { modelState }) => {
          const masked = weightsOf(p).map((w, i) => w.mul(modelState[i] ?? 1));
          const loss = crossEntropy(model.apply(withWeights(p, masked), images), labels);
          return [loss, modelState] as const;
        },
        withWeights(biases, weights),
        {
          optimizer: adam({ learningRate: 1.2e-3 }),
          batches: minibatches(train, { size: 60, key: random.key(1 + round) }),
          epochs,
          modelState: mask,
          onProgress: ({ step }) =>
            show(`round ${round}`, (round + step / (1000 * epochs)) / (rounds + 1)),
        },
      );
      return withWeights(
        params,
        weightsOf(params).map((w, i) => w.mul(mask[i] ?? 1)),
      );
    },
  });
  const share = (params: Traced<Params>): number =>
    accuracy(model.apply(params, test.images), test.labels).item();
  const [dense, last] = [found.at(0), found.at(-1)];
  if (!dense || !last) return [];
  const [before, after] = [share(dense.trained), share(last.trained)];
  return [
    plainRow('accuracy of the dense network', before),
    plainRow('accuracy of the ticket', after),
    atMostRow('dense less ticket', before - after, 0.002),
    atMostRow('share of the weights that is kept', last.density, 0.036),
    plainRow(
      'weights',
      tree.leaves(weightsOf(start)).reduce((sum, w) => sum + w.size, 0),
    ),
  ];
}

/** Scores of a mask are trained; the weights are those of the start, times 0 or 1. */
export async function randomMaskRows({ data, show }: LineContext): Promise<Row[]> {
  const { train, test } = await readMnist(data);
  const frozen = model.init(random.key(0));
  const masked = (scores: readonly Tensor[]): Traced<Params> => {
    const masks = edgePopup([...scores], { density: 0.5 });
    const kept = weightsOf(frozen).map((w, i) => w.mul(masks[i] ?? 1).mul(Math.SQRT2));
    return withWeights(frozen, kept);
  };
  const { params } = await fit(
    (scores: Tensor[], { images, labels }: LabelledImages) =>
      crossEntropy(model.apply(masked(scores), images), labels),
    weightsOf(frozen).map((w, i) =>
      random.uniform(random.key(7 + i), w.shape, { dtype: 'float32' }),
    ),
    {
      optimizer: adam({ learningRate: 1e-3 }),
      batches: minibatches(train, { size: 128, key: random.key(2) }),
      epochs: 5,
      onProgress: ({ step }) => show('training scores', step / 2345),
    },
  );
  const share = accuracy(model.apply(masked(params), test.images), test.labels).item();
  return [atLeastRow('accuracy of frozen random weights under a mask of 0 and 1', share, 0.95)];
}
