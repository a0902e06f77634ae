import { grad, jit, type Tensor, tensor } from '@grad/core';
import {
  extractLocation,
  gradientNorms,
  gru,
  lstm,
  oneHotDna,
  parseLocation,
  type RecurrentParams,
  readGenbank,
  rnn,
  translate,
} from '@grad/sequence';
import type { Row } from '@grad/tour';
import type { DataFolder } from '../data-folder.ts';
import type { Area } from '../line.ts';
import { atMostRow, holdsRow, largestDifference, nearRow } from '../rows.ts';
import { spliceRows } from './sequence-splice.ts';

export const sequence: Area = {
  name: 'sequence',
  lines: [
    {
      name: 'recurrent-reference',
      asks: 'reference/recurrent_uci0.json: losses, every gradient, |dL/dh_t| per step for RNN, LSTM, GRU.',
      needsData: true,
      run: ({ data }) =>
        (['rnn', 'lstm', 'gru'] as const).flatMap((kind) => recurrentRows(kind, data)),
    },
    {
      name: 'splice',
      asks: 'UCI splice, 10-fold by distinct sequence: at least .958.',
      needsData: true,
      run: spliceRows,
    },
    {
      name: 'genbank',
      asks: 'Splicing and translating all 18 CDS of arab1.gb gives every /translation; a remote join is reported, not a crash.',
      needsData: true,
      run: ({ data }) => genbankRows(data),
    },
  ],
};

interface Recorded {
  readonly loss: number;
  readonly grads: Readonly<Record<string, number[] | number[][]>>;
  readonly dL_dh_norm_t: number[];
}

const layers = { rnn, gru, lstm };
const gates = { rnn: 1, gru: 3, lstm: 4 };

/** The parameters that the reference was computed with: sines of the indices. */
function fill(shape: readonly number[], k: number): Tensor {
  const [rows = 1, columns] = shape;
  const value = (i: number, j: number): number => 0.3 * Math.sin(1 + 0.7 * i + 1.3 * j + 2.1 * k);
  return tensor(
    columns === undefined
      ? Array.from({ length: rows }, (_, i) => value(i, 0))
      : Array.from({ length: rows }, (_, i) =>
          Array.from({ length: columns }, (_, j) => value(i, j)),
        ),
  );
}

function recurrentRows(kind: keyof typeof layers, data: DataFolder): Row[] {
  const file = JSON.parse(data.text('reference/recurrent_uci0.json'));
  const known: Recorded = file[kind];
  const width = 5 * gates[kind];
  const layer = layers[kind](4, 5, { dtype: 'float64' });
  const hidden = kind === 'gru' ? { hiddenBias: fill([width], 5) } : {};
  const params: RecurrentParams = {
    inputWeight: fill([4, width], 0),
    hiddenWeight: fill([5, width], 1),
    bias: fill([width], 2),
    ...hidden,
  };
  const head = { weight: fill([5, 3], 3), bias: fill([3], 4) };
  const bases = oneHotDna(file.sequence, { dtype: 'float64' });
  const cost = (final: Tensor, { weight, bias }: typeof head): Tensor => {
    const logits = final.matmul(weight).add(bias);
    return logits.exp().sum().log().sub(logits.at(0));
  };
  const loss = (both: { params: RecurrentParams; head: typeof head }): Tensor =>
    cost(layer.apply(both.params, bases).final, both.head);
  const slopes = jit(grad(loss))({ params, head });
  const found: Record<string, Tensor | undefined> = {
    Wx: slopes.params.inputWeight,
    Wh: slopes.params.hiddenWeight,
    b: slopes.params.bias,
    bh: slopes.params.hiddenBias,
    Wo: slopes.head.weight,
    bo: slopes.head.bias,
  };
  const { norms } = gradientNorms(layer, params, bases, ({ final }) => cost(final, head));
  return [
    nearRow(`${kind}: loss`, loss({ params, head }).item(), known.loss, 1e-14),
    ...Object.entries(known.grads).map(([name, values]) =>
      atMostRow(
        `${kind}: gradient in ${name}`,
        largestDifference(found[name]?.reshape([-1]).dataSync() ?? [], values.flat()),
        1e-13,
      ),
    ),
    atMostRow(
      `${kind}: |dL/dh_t| of ${known.dL_dh_norm_t.length} steps`,
      largestDifference(norms.dataSync(), known.dL_dh_norm_t),
      1e-13,
    ),
  ];
}

function genbankRows(data: DataFolder): Row[] {
  const [record] = readGenbank(data.text('genbank/arab1.gb'));
  const coding = record?.features.filter(({ key }) => key === 'CDS') ?? [];
  const right = coding.filter(({ location, qualifiers }) => {
    const codonStart = Number(qualifiers.get('codon_start')?.[0] ?? 1);
    const protein = translate(extractLocation(record?.sequence ?? '', location), { codonStart });
    return protein === `${qualifiers.get('translation')?.[0]}*`;
  });
  const remote = parseLocation('join(1..9,AL121804.2:41..610)');
  const message = (() => {
    try {
      return extractLocation('ACGTACGTAC', remote);
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  })();
  return [
    nearRow('coding sequences', coding.length, 18, 0),
    nearRow('translations that agree', right.length, 18, 0),
    holdsRow('a remote join is read', remote.parts[1]?.remote === 'AL121804.2'),
    holdsRow('its bases are refused by name', message.includes('AL121804.2:41..610')),
  ];
}
