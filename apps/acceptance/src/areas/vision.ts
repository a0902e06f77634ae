import {
  argmax,
  random,
  relu,
  sign,
  sin,
  softplus,
  type Tensor,
  take,
  tanh,
  tensor,
  where,
} from '@grad/core';
import * as nn from '@grad/nn';
import { lbfgs } from '@grad/optim';
import type { Row } from '@grad/tour';
import {
  deepFool,
  deepLift,
  fgsm,
  gradTimesInput,
  integratedGradients,
  lrp,
  type Network,
  network,
  occlusion,
  pgd,
  saliency,
  trainMask,
} from '@grad/vision';
import type { DataFolder } from '../data-folder.ts';
import { type Digits, digits } from '../digits.ts';
import type { Area } from '../line.ts';
import { atLeastRow, atMostRow, holdsRow, nearRow, plainRow, printedRow } from '../rows.ts';
import { randomMaskRows, winningTicketRows } from './vision-tickets.ts';

const float64 = { dtype: 'float64' } as const;

export const vision: Area = {
  name: 'vision',
  lines: [
    {
      name: 'small-attributions',
      asks: 'f = relu(relu(x1-1) - relu(x2)) at (3,1): IG (1.5,-.5), DeepLIFT (2,-1), epsilon-LRP and grad x input (3,-1), occlusion (1,-1).',
      run: smallRows,
    },
    {
      name: 'softmax-regression',
      asks: 'Softmax regression on UCI digits: objective .2658933452, test 1694/1797; FGSM at eps .1 leaves .64496; mean exact L2 distance .50961.',
      needsData: true,
      run: ({ data }) => softmaxRows(data),
    },
    {
      name: 'ig-completeness',
      asks: 'IG completeness: to 1e-10 with Gauss-Legendre nodes on tanh/softplus networks; on ReLU networks the error falls as 1/steps.',
      run: completenessRows,
    },
    {
      name: 'sanity',
      asks: 'Attributions of a randomised model differ (sanity check).',
      run: sanityRows,
    },
    {
      name: 'mask-closed-form',
      asks: "Trainable mask with X'X = nI: m = clip((w c - lambda)/w^2, 0, 1) = (.8, 0, .4, 0).",
      run: maskRows,
    },
    {
      name: 'mask-digits',
      asks: 'Digits 3 against 8, w_i = 4 sin i, lambda = .005: objective .1330482919, 50 zeros, 3 ones, 11 between, test .93277 (m = 1: .48739).',
      needsData: true,
      run: ({ data }) => digitMaskRows(data),
    },
    {
      name: 'winning-ticket',
      asks: 'A winning ticket on MNIST (LeNet-300-100): 15 rounds of pruning to at most 3.6 % of the weights, accuracy within .2 points of the dense network.',
      needsData: true,
      run: winningTicketRows,
    },
    {
      name: 'random-weights-mask',
      asks: 'A mask trained on frozen random weights alone exceeds 95 % on MNIST.',
      needsData: true,
      run: randomMaskRows,
    },
    {
      name: 'architectures',
      asks: 'Reused relu, skip connections and batch norm are attributed correctly (DeepLIFT completeness to 1e-10); images with preprocessing and bounds are attacked correctly.',
      run: architectureRows,
    },
  ],
};

function smallRows(): Row[] {
  const model = nn.sequential({
    first: nn.dense(2, 2, float64),
    relu1: nn.activation(relu),
    last: nn.dense(2, 1, float64),
    relu2: nn.activation(relu),
  });
  const net = network(model, {
    first: {
      weight: tensor([
        [1, 0],
        [0, 1],
      ]),
      bias: tensor([-1, 0]),
    },
    last: { weight: tensor([[1], [-1]]), bias: tensor([0]) },
  });
  const x = tensor([[3, 1]]);
  const row = (name: string, found: Tensor, known: readonly number[], tolerance: number): Row[] =>
    known.map((value, i) => nearRow(`${name}, x${i + 1}`, found.at(0, i).item(), value, tolerance));
  const steps = 100_000;
  const { attribution } = integratedGradients(net, x, { steps, method: 'riemann' });
  return [
    ...row(`integrated gradients, ${steps} steps`, attribution, [1.5, -0.5], 1e-4),
    ...row('DeepLIFT', deepLift(net, x).attribution, [2, -1], 1e-12),
    ...row('epsilon-LRP', lrp(net, x), [3, -1], 1e-6),
    ...row('gradient x input', gradTimesInput(net, x), [3, -1], 1e-12),
    ...row('occlusion', occlusion(net, x), [1, -1], 1e-12),
  ];
}

async function softmaxRows(data: DataFolder): Promise<Row[]> {
  const [train, held] = [await digits(data, 'tra'), await digits(data, 'tes')];
  const start = {
    w: tensor(new Float64Array(640)).reshape([64, 10]),
    b: tensor(new Float64Array(10)),
  };
  const { x: found, value } = await lbfgs(
    (p: typeof start) =>
      nn.crossEntropy(train.x.matmul(p.w).add(p.b), train.y).add(p.w.square().sum().mul(5e-4)),
    start,
    { gradientTolerance: 1e-8, maxIterations: 3000 },
  );
  const model = (z: Tensor): Tensor => z.matmul(found.w).add(found.b);
  const right = (z: Tensor): number =>
    argmax(model(z), { axis: 1 }).eq(held.y).astype('int32').sum().item();
  const { distance } = deepFool(model, held.x, { overshoot: 1e-9 });
  return [
    printedRow('objective', value, '.2658933452'),
    nearRow('right of 1797', right(held.x), 1694, 0),
    printedRow(
      'share after FGSM',
      right(fgsm(model, held.x, held.y, { eps: 0.1 })) / 1797,
      '.64496',
    ),
    printedRow('mean distance', distance.mean().item(), '.50961'),
  ];
}

/** A network with a skip, batch normalization and a relu that is used twice. */
function skipNetwork(act: (z: Tensor) => Tensor, pool: nn.AnyLayer): Network {
  const shared = nn.activation(act);
  const model = nn.sequential({
    conv: nn.conv2d(1, 3, 3, { ...float64, padding: 'same' }),
    norm: nn.batchNorm(3, float64),
    act1: shared,
    skip: nn.residual(
      nn.sequential({ conv: nn.conv2d(3, 3, 3, { ...float64, padding: 1 }), act: shared }),
    ),
    pool,
    flatten: nn.flatten(),
    head: nn.dense(27, 4, float64),
  });
  const [mean, variance] = [tensor([0.1, -0.2, 0.3]), tensor([0.5, 2, 1.5])];
  return network(model, model.init(random.key(5)), { state: { norm: { mean, variance } } });
}

const images = random.normal(random.key(6), [3, 1, 6, 6]);
const largest = (x: Tensor): number => x.abs().max().item();

function completenessRows(): Row[] {
  const smooth = { tanh, softplus };
  const falls = [10, 100, 1000, 10_000].map((steps) =>
    largest(
      integratedGradients(skipNetwork(relu, nn.maxPooling(2)), images, {
        steps,
        method: 'riemann',
      }).delta,
    ),
  );
  const [first = 0, , , last = 0] = falls;
  return [
    ...Object.entries(smooth).map(([name, act]) =>
      atMostRow(
        `${name}, 60 nodes`,
        largest(
          integratedGradients(skipNetwork(act, nn.avgPooling(2)), images, { target: 2, steps: 60 })
            .delta,
        ),
        1e-10,
      ),
    ),
    ...falls.map((error, i) => plainRow(`relu, ${10 ** (i + 1)} steps: error`, error)),
    nearRow('power of the steps with which it falls', Math.log10(first / last) / 3, 1, 0.25),
  ];
}

function sanityRows(): Row[] {
  const model = nn.mlp([36, 24, 4], { activation: relu, dtype: 'float64' });
  const [trained, other] = [1, 2].map((seed) => network(model, model.init(random.key(seed))));
  const x = images.reshape([3, 36]);
  const methods: Record<string, (net: Network) => Tensor> = {
    saliency: (net) => saliency(net, x, { target: 1 }),
    'integrated gradients': (net) => integratedGradients(net, x, { target: 1 }).attribution,
    DeepLIFT: (net) => deepLift(net, x, { target: 1 }).attribution,
    LRP: (net) => lrp(net, x, { target: 1 }),
  };
  const correlation = (a: Tensor, b: Tensor): number => {
    const [u, v] = [a.sub(a.mean()), b.sub(b.mean())];
    return u.mul(v).sum().div(u.square().sum().mul(v.square().sum()).sqrt()).item();
  };
  if (!trained || !other) return [];
  return Object.entries(methods).map(([name, method]) =>
    atMostRow(
      `${name}: |correlation| with another model's`,
      Math.abs(correlation(method(trained), method(other))),
      0.5,
    ),
  );
}

/** A design with X'X = n I and X'y / n = c. */
async function maskRows(): Promise<Row[]> {
  const X = tensor([
    [1, 1, 1, 1],
    [1, -1, 1, -1],
    [1, 1, -1, -1],
    [1, -1, -1, 1],
  ]);
  const y = X.matmul(tensor([0.9, 0.2, -0.5, 0.05]));
  const { mask, status } = await trainMask(
    (v: Tensor) => X.matmul(v).sub(y).square().sum().div(8),
    tensor([1, 0.5, -1, 2]),
    { l1: 0.1, tolerance: 1e-12 },
  );
  return [
    holdsRow('converged', status === 'converged'),
    ...[0.8, 0, 0.4, 0].map((value, i) => nearRow(`m${i + 1}`, mask.at(i).item(), value, 1e-9)),
  ];
}

async function digitMaskRows(data: DataFolder): Promise<Row[]> {
  const only = ({ x, y }: Digits): Digits => {
    const rows = Array.from(y.dataSync(), Number).flatMap((digit, i) =>
      digit === 3 || digit === 8 ? [i] : [],
    );
    const at = tensor(Int32Array.from(rows));
    return { x: take(x, at, { axis: 0 }), y: where(take(y, at).eq(3), 1, -1).astype('float64') };
  };
  const [fitted, others] = [only(await digits(data, 'tra')), only(await digits(data, 'tes'))];
  const w = sin(tensor(Float64Array.from({ length: 64 }, (_, i) => i + 1))).mul(4);
  const share = (v: Tensor): number =>
    sign(others.x.matmul(v)).eq(others.y).astype('float64').mean().item();
  const found = await trainMask(
    (v: Tensor) => softplus(fitted.x.matmul(v).mul(fitted.y).neg()).mean(),
    w,
    { l1: 0.005, tolerance: 1e-10 },
  );
  const count = (is: (m: Tensor) => Tensor): number => is(found.mask).astype('int32').sum().item();
  return [
    printedRow('objective', found.objective, '.1330482919'),
    nearRow(
      'zeros',
      count((m) => m.eq(0)),
      50,
      0,
    ),
    nearRow(
      'ones',
      count((m) => m.eq(1)),
      3,
      0,
    ),
    printedRow('test', share(found.weights), '.93277'),
    printedRow('test, m = 1', share(w), '.48739'),
  ];
}

function architectureRows(): Row[] {
  const net = skipNetwork(relu, nn.maxPooling(2));
  const baseline = random.normal(random.key(8), [1, 6, 6]);
  const { delta, attribution } = deepLift(net, images, { baseline, target: [1, 3, 0] });
  const functional = (z: Tensor): Tensor =>
    relu(relu(z.at(null, 0).sub(1)).sub(relu(z.at(null, 1))));
  const slope = gradTimesInput(functional, tensor([[3, 1]]));
  const model = nn.mlp([6, 8, 3], { activation: tanh, dtype: 'float64' });
  const plain = network(model, model.init(random.key(1)));
  const raw = (z: Tensor): Tensor => plain(z.div(255).sub(0.4).div(0.25));
  const pixels = random.uniform(random.key(2), [40, 6], { high: 255 });
  const labels = argmax(raw(pixels), { axis: 1 });
  const found = pgd(raw, pixels, labels, { eps: 8, bounds: [0, 255], steps: 10 });
  const rise = nn.crossEntropy(raw(found), labels).sub(nn.crossEntropy(raw(pixels), labels));
  return [
    atMostRow('DeepLIFT, skip, batch norm, maxima, one relu twice: |delta|', largest(delta), 1e-10),
    atLeastRow('its largest attribution', largest(attribution), 0.01),
    nearRow('functional relu: gradient x input, x1', slope.at(0, 0).item(), 3, 0),
    nearRow('functional relu: gradient x input, x2', slope.at(0, 1).item(), -1, 0),
    atMostRow('attack on raw pixels: largest change', largest(found.sub(pixels)), 8 + 1e-9),
    holdsRow('within [0, 255]', found.min().item() >= 0 && found.max().item() <= 255),
    atLeastRow('rise of the loss', rise.item(), 0.05),
  ];
}
