import type { SpliceModel } from '@grad/sequence';
import type { Row } from '../../row.ts';
import { type Contribution, truncationOf } from './contributions.ts';
import type { Tested } from './cross-validate.ts';
import { lossRows } from './published-losses.ts';
import { parts, type Windows } from './windows.ts';

/** Results on windows that were not learned from, and the laws of derivatives. */
export function resultRows(
  model: SpliceModel,
  windows: Windows,
  tested: Tested,
  {
    donor,
    acceptor,
    truncate,
  }: { readonly donor: Contribution; readonly acceptor: Contribution; readonly truncate: number },
): Row[] {
  const { accuracy, regression, places, seconds } = tested;
  const { error, cutOff } = truncationOf(model, tested.params, tested.held, truncate);
  return [
    ...lossRows(),
    { what: `accuracy on ${places.length} windows not learned from`, result: accuracy, seconds },
    wrongRow(windows, tested),
    { what: 'accuracy of softmax regression on the same', result: regression },
    {
      what: `truncated to ${truncate} bases against runs from stopped states, relative difference of gradients`,
      result: error,
      reference: { kind: 'atMost', limit: 1e-5 },
      source: 'the same by definition; float32',
    },
    { what: 'against no truncation, relative difference of gradients', result: cutOff },
    ...(
      [
        ['donors', donor],
        ['acceptors', acceptor],
      ] as const
    ).flatMap(([what, { count, missed }]) =>
      count === 0
        ? []
        : [
            {
              what: `contributions to ${what}: sum less evidence, relative to their sizes`,
              result: missed,
              reference: { kind: 'atMost', limit: 1e-4 } as const,
              source: 'completeness (Sundararajan, Taly and Yan 2017)',
            },
          ],
    ),
  ];
}

/** The share of wrong answers, against what is known of these data. */
function wrongRow(windows: Windows, { accuracy, places }: Tested): Row {
  const { posterior, labels } = windows;
  if (posterior === undefined) {
    const whole = places.length === windows.labels.length;
    return {
      what: 'wrong share of these',
      result: 1 - accuracy,
      reference: { kind: 'atMost', limit: whole ? 0.042 : 0.07 },
      source: whole
        ? `softmax regression is wrong in .043 of ${parts} parts of distinct windows`
        : `.042 in all ${parts} parts, with room for the chance of a single one`,
    };
  }
  const best = places.filter((place) => {
    const row = posterior[place] ?? [];
    return row.indexOf(Math.max(...row)) === labels[place];
  });
  return {
    what: 'wrong share of these, beyond that of the best of all classifiers',
    result: best.length / places.length - accuracy,
    reference: { kind: 'atMost', limit: 0.05 },
    source: 'the probabilities that windows were drawn with are known',
  };
}
