import {
  fullMask,
  fullTicket,
  maskOfRandomWeights,
  type Row,
  ticketRows,
  winningTicket,
} from '@grad/tour';
import type { LineContext } from '../line.ts';
import { readMnist } from '../mnist.ts';
import { atLeastRow } from '../rows.ts';

/** A search is not to be stopped but by ending the process. */
const { signal } = new AbortController();

export async function winningTicketRows({ data, show }: LineContext): Promise<readonly Row[]> {
  const rounds = await winningTicket(await readMnist(data), {
    ...fullTicket,
    epochsBetween: 5,
    seed: 0,
    signal,
    onProgress: (fraction) => show('rounds of pruning', fraction),
  });
  return ticketRows(rounds, { density: 0.036, lost: 0.002 });
}

export async function randomMaskRows({ data, show }: LineContext): Promise<Row[]> {
  const share = await maskOfRandomWeights(await readMnist(data), {
    ...fullMask,
    seed: 0,
    signal,
    onProgress: (fraction) => show('training scores', fraction),
  });
  return [atLeastRow('accuracy of frozen random weights under a mask of 0 and 1', share, 0.95)];
}
