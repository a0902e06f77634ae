import type { Attachment, Listing } from '../../job.ts';
import type { Row } from '../../row.ts';
import { toCsv } from '../../to-csv.ts';
import type { TicketRound } from './ticket.ts';

const percent = (share: number): string => (100 * share).toFixed(2);

/** What a ticket must reach. */
export interface TicketLimits {
  /** It has at most this share of the weights. */
  readonly density: number;
  /** Accuracy that it may lose against the whole network. */
  readonly lost: number;
}

/** What the ticket is worth; nothing is held against limits that are left out. */
export function ticketRows(rounds: readonly TicketRound[], limits?: TicketLimits): Row[] {
  const [dense] = rounds;
  const [last] = rounds.slice(-1);
  if (!dense || !last) return [];
  const ticket = (limits && rounds.find(({ density }) => density <= limits.density)) ?? last;
  const compared = rounds.findLast(({ random }) => random !== undefined) ?? last;
  return [
    { what: `perceptron with all of ${dense.weights} weights: accuracy`, result: dense.ticket },
    {
      what: `winning ticket, ${ticket.weights} of them: share of the weights`,
      result: ticket.density,
      ...(limits && { reference: { kind: 'atMost', limit: limits.density } }),
    },
    {
      what: 'accuracy that the ticket loses',
      result: dense.ticket - ticket.ticket,
      ...(limits && { reference: { kind: 'atMost', limit: limits.lost } }),
    },
    {
      what: `accuracy from other first weights less that of the ticket, at ${percent(compared.density)} %`,
      result: (compared.random ?? Number.NaN) - compared.ticket,
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
    columns: ['weights', '%', 'epochs', 'ticket', 'other first weights'],
    rows: rounds.map(({ weights, density, epochs, ticket, random }) => [
      String(weights),
      percent(density),
      String(epochs),
      percent(ticket),
      random === undefined ? '' : percent(random),
    ]),
  };
}

/** The same for other programs. */
export function ticketFile(rounds: readonly TicketRound[]): Attachment {
  return {
    name: 'vision-ticket.csv',
    content: toCsv(
      ['weights', 'density', 'epochs', 'ticket', 'other'],
      rounds.map(({ weights, density, epochs, ticket, random }) => [
        weights,
        density,
        epochs,
        ticket,
        random ?? '',
      ]),
    ),
  };
}
