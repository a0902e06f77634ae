import { explain, grad, jit, type LoopCheckpoint, random, type Tensor, tree } from '@grad/core';
import { type MetaSgdParams, maml, sinusoids } from '@grad/meta';
import { mlp, mse } from '@grad/nn';
import { adaptModels, closedFormRows, learn, type Row } from '@grad/tour';
import type { Area, LineContext } from '../line.ts';
import { atMostRow, nearRow, plainRow } from '../rows.ts';
import { omniglotRows } from './meta-omniglot.ts';

export const meta: Area = {
  name: 'meta',
  lines: [
    {
      name: 'quadratic',
      asks: 'One step on a quadratic task: loss 2.295, dL/dt0 = (-.21, -1.62), dL/dalpha = .9; first-order (-.6, -2.1).',
      run: closedFormRows,
    },
    {
      name: 'sinusoids',
      asks: 'Sinusoid regression, 20,000 meta-iterations: predicting 0 gives MSE 4.2516667; after one step MAML at most .70, Meta-SGD at most .35.',
      run: sinusoidRows,
    },
    {
      name: 'many-steps',
      asks: 'k inner steps, k = 1 ... 1000, in memory that does not grow with k when checkpointed.',
      run: memoryRows,
    },
    {
      name: 'omniglot',
      asks: 'Omniglot 5-way 1-shot through the same API (a network without convolutions, published 88.9-89.7 %).',
      needsData: true,
      run: omniglotRows,
    },
  ],
};

async function sinusoidRows({ show }: LineContext): Promise<Row[]> {
  const { byMaml, byMetaSgd, fresh, rate } = adaptModels;
  const seed = 0;
  const tests = sinusoids(random.key(seed + 2 ** 31), { tasks: 2000, shots: 10, queries: 100 });
  const shared = (stage: string, from: number) => ({
    iterations: 20_000,
    seed,
    signal: new AbortController().signal,
    onProgress: (fraction: number) => show(stage, from + fraction / 2),
  });
  const start = fresh(seed);
  const learned = await learn<adaptModels.Params>({
    ...shared('MAML', 0),
    start,
    loss: (params, tasks) => byMaml.batch(params, tasks).loss,
    judge: jit((params: adaptModels.Params): Tensor => byMaml.batch(params, tests).loss),
  });
  const withRates = await learn<MetaSgdParams<adaptModels.Params>>({
    ...shared('Meta-SGD', 0.5),
    start: byMetaSgd.init(start, rate),
    loss: (params, tasks) => byMetaSgd.batch(params, tasks).loss,
    judge: jit(
      (params: MetaSgdParams<adaptModels.Params>): Tensor => byMetaSgd.batch(params, tests).loss,
    ),
  });
  const many = sinusoids(random.key(17), { tasks: 200_000, shots: 1, queries: 10 });
  // The mean of A^2 / 2 for A in [0.1, 5], within five of its standard errors on as many curves.
  return [
    nearRow('mean squared error of 0', many.query.y.square().mean().item(), 4.2516667, 0.045),
    atMostRow('MAML after one step', byMaml.batch(learned.params, tests).loss.item(), 0.7),
    atMostRow(
      'Meta-SGD after one step',
      byMetaSgd.batch(withRates.params, tests).loss.item(),
      0.35,
    ),
  ];
}

function memoryRows(): Row[] {
  const model = mlp([1, 40, 40, 1], { dtype: 'float64', activation: (x) => x.tanh() });
  const theta = model.init(random.key(1));
  const { support, query } = sinusoids(random.key(2), { tasks: 1, shots: 10, dtype: 'float64' });
  const first = (points: typeof support) => ({ x: points.x.at(0), y: points.y.at(0) });
  const task = { support: first(support), query: first(query) };
  const gradient = (innerSteps: number, checkpoint: LoopCheckpoint) => {
    const learner = maml(
      (params: typeof theta, { x, y }: { x: Tensor; y: Tensor }): Tensor =>
        mse(model.apply(params, x), y),
      { innerSteps, innerLearningRate: 0.005, checkpoint },
    );
    return jit(grad((at: typeof theta) => learner(at, task).loss));
  };
  const kibibytes = (f: ReturnType<typeof gradient>): number => {
    const [, size, unit] = /([\d.]+) ([KM])iB of workspace/.exec(explain(f, theta)) ?? [];
    return Number(size) * (unit === 'M' ? 1024 : 1);
  };
  const counts = [10, 100, 1000];
  const sizes = counts.map((k) => kibibytes(gradient(k, 5)));
  const [few, all] = [gradient(1000, 5)(theta), gradient(1000, 'store')(theta)];
  const gap = tree.ravel(few)[0].sub(tree.ravel(all)[0]).abs().max().item();
  return [
    ...counts.map((k, i) =>
      plainRow(`KiB of workspace, k = ${k}, 5 states`, sizes[i] ?? Number.NaN),
    ),
    nearRow('memory for k = 1000 by that for k = 10', (sizes[2] ?? 0) / (sizes[0] ?? 1), 1, 0.02),
    nearRow('difference of the gradient from that without checkpoints', gap, 0, 0),
    plainRow('its largest element', tree.ravel(all)[0].abs().max().item()),
  ];
}
