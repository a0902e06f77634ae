import {
  argmax,
  concatenate,
  jit,
  random,
  relu,
  type Tensor,
  type Traced,
  take,
  tensor,
} from '@grad/core';
import { readIdx } from '@grad/data';
import { maml } from '@grad/meta';
import { crossEntropy } from '@grad/nn';
import { adam, fit } from '@grad/optim';
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
const iterations = 6000;
const tasksPerStep = 32;

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

/** Draws episodes as pictures of five characters; each may be turned by quarters, as in the paper. */
function episodes(pictures: Tensor, characters: Int32Array, seed: number, count: number) {
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
      const one = below(perClass);
      const other = (one + 1 + below(perClass - 1)) % perClass;
      support.push(turned * perClass + one);
      query.push(turned * perClass + other);
    }
  }
  const part = (rows: readonly number[]): Episode => ({
    x: take(pictures, tensor(Int32Array.from(rows)), { axis: 0 }).reshape([count, ways, 784]),
    y: tensor(Int32Array.from({ length: count * ways }, (_, i) => i % ways)).reshape([count, ways]),
  });
  return { support: part(support), query: part(query) };
}

export async function omniglotRows({ data, show }: LineContext): Promise<Row[]> {
  const images = await readIdx(data.bytes('omniglot/omniglot28-images-idx3-ubyte.gz'));
  const count = images.shape[0] ?? 0;
  const classes = count / perClass;
  // Rows in the order character, quarter turns, drawing.
  const pixels = new Float32Array(count * 4 * 784);
  for (let c = 0; c < classes; c++) {
    for (let turn = 0; turn < 4; turn++) {
      for (let k = 0; k < perClass; k++) {
        const from = (c * perClass + k) * 784;
        const to = ((c * 4 + turn) * perClass + k) * 784;
        for (let i = 0; i < 28; i++) {
          for (let j = 0; j < 28; j++) {
            const [u, v] = [
              [i, j],
              [j, 27 - i],
              [27 - i, 27 - j],
              [27 - j, i],
            ][turn] ?? [i, j];
            pixels[to + 28 * i + j] = (images.data[from + 28 * (u ?? 0) + (v ?? 0)] ?? 0) / 255;
          }
        }
      }
    }
  }
  const pictures = tensor(pixels).reshape([count * 4, 784]);
  const order = Int32Array.from(random.permutation(random.key(5), classes).dataSync(), Number);
  const [train, test] = [order.slice(0, 1200), order.slice(1200)];
  const learner = maml(loss, { innerSteps: 1, innerLearningRate: 0.4 });
  const { params } = await fit(
    (at: Params, tasks: ReturnType<typeof episodes>) => learner.batch(at, tasks).loss,
    init(random.key(0)),
    {
      optimizer: adam({ learningRate: 1e-3 }),
      batches: function* () {
        for (let i = 0; i < iterations; i++)
          yield episodes(pictures, train, 1000 + 7919 * i, tasksPerStep);
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
    right(params, episodes(pictures, test, 5 + i, 50)).item(),
  );
  return [
    atLeastRow('share of right answers on 1000 tasks of new characters', mean(shares), 0.889),
    plainRow('meta-iterations (the paper has 60,000)', iterations),
  ];
}

const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
