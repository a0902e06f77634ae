import { readMolecules } from '@grad/graph';
import {
  descriptorsOf,
  fullTraining,
  gcn,
  gcn2,
  type Row,
  readCitations,
  trainNetwork,
  trainProperty,
} from '@grad/tour';
import type { LineContext } from '../line.ts';
import { atLeastRow, atMostRow, plainRow } from '../rows.ts';

/** A training is not to be stopped but by ending the process. */
const { signal } = new AbortController();

const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);

/** Networks of 64 hidden numbers, each trained until the loss of validation has not fallen for 100 epochs. */
export async function coraRows({ data, show, part }: LineContext): Promise<Row[]> {
  const task = await readCitations(data.path('cora'), { folder: '/', signal });
  const depths = [2, 4, 8, 16, 32, 64];
  const networks = [
    ...depths.map((layers) => gcn(task, { layers, hidden: 64, drop: 0.5 })),
    gcn2(task, { layers: 64, hidden: 64, drop: 0.6 }),
  ];
  const accuracies: number[] = [];
  for (const [i, network] of networks.entries()) {
    const name = `${network.name}-${network.layers}`;
    const [accuracy = Number.NaN] = await part(name, async () => {
      const options = { seed: 0, epochs: 1500, patience: 100, signal };
      const training = await trainNetwork(task, network, {
        ...options,
        onEpoch: (epoch) => show(name, (i + epoch / 1500) / networks.length),
      });
      return [training.accuracy];
    });
    accuracies.push(accuracy);
  }
  const ofGcn = accuracies.slice(0, depths.length);
  return [
    atLeastRow('GCN with 2 layers', ofGcn[0] ?? Number.NaN, 0.8),
    ...depths
      .slice(1, -1)
      .map((layers, i) => plainRow(`GCN with ${layers} layers`, ofGcn[i + 1] ?? Number.NaN)),
    atMostRow('GCN with 64 layers', ofGcn.at(-1) ?? Number.NaN, 0.4),
    atLeastRow('GCNII with 64 layers', accuracies.at(-1) ?? Number.NaN, 0.83),
  ];
}

export async function esolRows({ data, show, part }: LineContext): Promise<Row[]> {
  const { graphs, values, title } = await readMolecules(
    data.text('moleculenet/delaney-processed.csv'),
    { value: 'measured log solubility in mols per litre' },
  );
  const descriptors = graphs.map(({ smiles }) => descriptorsOf(smiles));
  const table = { name: 'ESOL', property: title, graphs, values, descriptors };
  const seeds = [0, 1, 2, 3, 4];
  const errors: number[] = [];
  for (const seed of seeds) {
    const [error = Number.NaN] = await part(`seed-${seed}`, async () => {
      const { rmse } = await trainProperty(table, {
        ...fullTraining,
        seed,
        signal,
        onProgress: (share) => show(`seed ${seed}`, (seed + share) / seeds.length),
      });
      return [rmse.test];
    });
    errors.push(error);
  }
  return [
    ...errors.map((error, seed) => plainRow(`test RMSE of seed ${seed}`, error)),
    atMostRow('mean of five seeds', sum(errors) / errors.length, 0.6),
  ];
}
