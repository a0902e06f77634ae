import {
  argmax,
  concatenate,
  flip,
  jit,
  random,
  relu,
  stack,
  type Tensor,
  type Traced,
  take,
  tensor,
} from '@grad/core';
import { readIdx } from '@grad/data';
import { maml } from '@grad/meta';
import { crossEntropy } from '@grad/nn';
import { adam, cosineDecay, fit } from '@grad/optim';
import type { Row } from '@grad/tour';
import type { LineContext } from '../line.ts';
import { atLeastRow, plainRow } from '../rows.ts';

/**
 * The network without convolutions of MAML's paper: layers of 256, 128, 64 and 64 with batch
 * normalization by the examples at hand and ReLU, and a linear layer of five classes.
 */
const widths = [784, 256, 128, 64, 64, 5];
const ways = 5;
const perClass = 20;
const iterations = 8000;
const tasksPerStep = 32;
/**
 * Pictures of each character that the loss of a task is taken on. The paper takes one, and ten times
 * as many iterations; more of them tell more of each task.
 */
const queries = 15;

type Layer = { weight: Tensor; bias: Tensor; scale: Tensor };
type Params = { layers: Layer[] };

function init(key: Tensor): Params {
  const layers = widths.slice(1).map((out, i) => {
    const inputs = widths[i] ?? 0;
    const weight = random
      .truncatedNormal(random.foldIn(key, i), [inputs, out], { dtype: 'float32' })
      .mul(Math.sqrt(2 / inputs));
    return {
      weight,
      bias: tensor(new Float32Array(out)),
      scale: tensor(new Float32Array(out).fill(1)),
    };
  });
  return { layers };
}

function scores({ layers }: Traced<Params>, x: Tensor): Tensor {
  return layers.reduce((h, { weight, bias, scale }, i) => {
    const z = h.matmul(weight);
    if (i === layers.length - 1) return z.add(bias);
    const centered = z.sub(z.mean({ axis: 0 }));
    const spread = centered.square().mean({ axis: 0 }).add(1e-5).sqrt();
    return relu(centered.div(spread).mul(scale).add(bias));
  }, x);
}

type Episode = { x: Tensor; y: Tensor };
const loss = (params: Traced<Params>, { x, y }: Episode): Tensor =>
  crossEntropy(scores(params, x), y);

/**
 * Draws tasks of five characters, each perhaps turned by quarters, as in the paper: one picture of each to
 * learn from, and others to answer for.
 */
function episodes(
  pictures: Tensor,
  characters: Int32Array,
  seed: number,
  { count, others }: { readonly count: number; readonly others: number },
) {
  let state = seed >>> 0 || 1;
  const below = (n: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  const [support, query]: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const chosen = new Set<number>();
    while (chosen.size < ways) chosen.add(below(characters.length * 4));
    for (const c of chosen) {
      const turned = (characters[c >> 2] ?? 0) * 4 + (c & 3);
      const drawn = new Set<number>();
      while (drawn.size <= others) drawn.add(below(perClass));
      const [one = 0, ...rest] = [...drawn].map((k) => turned * perClass + k);
      support.push(one);
      query.push(...rest);
    }
  }
  const part = (rows: readonly number[], each: number): Episode => {
    const classes = Int32Array.from({ length: rows.length }, (_, i) => Math.floor(i / each) % ways);
    return {
      x: take(pictures, tensor(Int32Array.from(rows)), { axis: 0 }).reshape([count, -1, 784]),
      y: tensor(classes).reshape([count, -1]),
    };
  };
  return { support: part(support, 1), query: part(query, others) };
}

/** Rows of pixels from 0 to 1, in the order character, quarter turns, drawing. */
function turnedPictures(images: Float32Array): Tensor {
  const x = tensor(images).div(255).reshape([-1, perClass, 28, 28]);
  const across = x.transpose([0, 1, 3, 2]);
  const turns = [
    x,
    flip(across, { axis: 3 }),
    flip(x, { axis: [2, 3] }),
    flip(across, { axis: 2 }),
  ];
  return stack(turns, { axis: 1 }).reshape([-1, 784]);
}

export async function omniglotRows({ data, show }: LineContext): Promise<Row[]> {
  const images = await readIdx(data.bytes('omniglot/omniglot28-images-idx3-ubyte.gz'));
  const classes = (images.shape[0] ?? 0) / perClass;
  const pictures = turnedPictures(Float32Array.from(images.data));
  const order = Int32Array.from(random.permutation(random.key(5), classes).dataSync(), Number);
  const [train, test] = [order.slice(0, 1200), order.slice(1200)];
  const learner = maml(loss, { innerSteps: 1, innerLearningRate: 0.4 });
  const { params } = await fit(
    (at: Params, tasks: ReturnType<typeof episodes>) => learner.batch(at, tasks).loss,
    init(random.key(0)),
    {
      optimizer: adam({ learningRate: cosineDecay({ init: 2e-3, steps: iterations }) }),
      batches: function* () {
        for (let i = 0; i < iterations; i++)
          yield episodes(pictures, train, 1000 + 7919 * i, {
            count: tasksPerStep,
            others: queries,
          });
      },
      onProgress: ({ step }) => show('learning', step / iterations),
    },
  );
  const judge = maml(loss, { innerSteps: 3, innerLearningRate: 0.4 });
  const right = jit((at: Traced<Params>, tasks: ReturnType<typeof episodes>): Tensor => {
    const adapted = judge.batch(at, tasks).params;
    const parts = Array.from({ length: 50 }, (_, i) => {
      const own = {
        layers: adapted.layers.map((layer) => ({
          weight: layer.weight.at(i),
          bias: layer.bias.at(i),
          scale: layer.scale.at(i),
        })),
      };
      return argmax(scores(own, tasks.query.x.at(i)), { axis: 1 })
        .eq(tasks.query.y.at(i))
        .astype('float32')
        .mean()
        .expandDims(0);
    });
    return concatenate(parts).mean();
  });
  const shares = Array.from({ length: 20 }, (_, i) =>
    right(params, episodes(pictures, test, 5 + i, { count: 50, others: 1 })).item(),
  );
  return [
    atLeastRow('share of right answers on 1000 tasks of new characters', mean(shares), 0.889),
    plainRow('meta-iterations (the paper has 60,000)', iterations),
  ];
}

const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
