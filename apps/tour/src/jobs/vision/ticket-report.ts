import type { Attachment, Listing } from '../../job.ts';
import type { Row } from '../../row.ts';
import { toCsv } from '../../to-csv.ts';
import type { TicketRound } from './ticket.ts';

const percent = (share: number): string => (100 * share).toFixed(2);

/**
 * What the ticket is worth: `lost` is the accuracy that it may lose against the whole network when it has at
 * most `density` of the weights; nothing is held against limits that are left out.
 */
export function ticketRows(
  rounds: readonly TicketRound[],
  limits?: { readonly density: number; readonly lost: number },
): Row[] {
  const [dense] = rounds;
  const [last] = rounds.slice(-1);
  if (!dense || !last) return [];
  const { density = 0.3 } = limits ?? {};
  const ticket = rounds.find((round) => round.density <= density) ?? last;
  return [
    { what: `perceptron with all of ${dense.weights} weights: accuracy`, result: dense.ticket },
    { what: `ticket of ${percent(ticket.density)} % of them: accuracy`, result: ticket.ticket },
    {
      what: 'accuracy that the ticket loses',
      result: dense.ticket - ticket.ticket,
      ...(limits && { reference: { kind: 'atMost', limit: limits.lost } }),
    },
    {
      what: `accuracy that other first weights reach less that of the ticket, at ${percent(last.density)} %`,
      result: last.random - last.ticket,
      ...(limits && {
        reference: { kind: 'atMost', limit: 0 },
        source: 'Frankle and Carbin, figure 1',
      }),
    },
  ];
}

/** Every round. */
export function ticketListing(rounds: readonly TicketRound[]): Listing {
  return {
    title: 'Weights that are left, and accuracy',
    columns: ['weights', '%', 'ticket', 'other first weights'],
    rows: rounds.map(({ weights, density, ticket, random }) => [
      String(weights),
      percent(density),
      percent(ticket),
      percent(random),
    ]),
  };
}

/** The same for other programs. */
export function ticketFile(rounds: readonly TicketRound[]): Attachment {
  return {
    name: 'vision-ticket.csv',
    content: toCsv(
      ['weights', 'density', 'ticket', 'other'],
      rounds.map(({ weights, density, ticket, random }) => [weights, density, ticket, random]),
    ),
  };
}
