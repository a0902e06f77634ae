import { random } from '@grad/core';
import { drawnDigits } from '@grad/data';
import { expect, test } from 'vitest';
import { ticketFigure } from '../src/jobs/vision/figures/ticket-figure.ts';
import { maskOfRandomWeights } from '../src/jobs/vision/random-weights.ts';
import { type TicketRound, winningTicket } from '../src/jobs/vision/ticket.ts';
import { ticketListing, ticketRows } from '../src/jobs/vision/ticket-report.ts';
import { verdict } from '../src/row.ts';

const digits = {
  name: 'small digits',
  train: drawnDigits(random.key(0), 400, { size: 10 }),
  held: drawnDigits(random.key(1), 200, { size: 10 }),
  classes: 10,
  inkSize: 0.64,
  epochs: 1,
  isKnown: false,
};
const { signal } = new AbortController();

test('a search prunes the same share each time, and compares where it is to', async () => {
  const fractions: number[] = [];
  const seen: TicketRound[] = [];
  const rounds = await winningTicket(digits, {
    hidden: [20],
    rounds: 3,
    rate: 0.5,
    epochs: 6,
    epochsBetween: 2,
    batch: 40,
    learningRate: 5e-3,
    compareEvery: 4,
    seed: 0,
    signal,
    onProgress: (fraction) => fractions.push(fraction),
    onRound: (round) => seen.push(round),
  });
  expect(seen).toEqual(rounds);
  expect(rounds.map(({ weights }) => weights)).toEqual([2200, 1100, 550, 275]);
  expect(rounds.map(({ epochs }) => epochs)).toEqual([6, 2, 2, 6]);
  expect(rounds.map(({ random: other }) => other !== undefined)).toEqual([
    false,
    false,
    false,
    true,
  ]);
  expect(rounds[0]?.ticket).toBeGreaterThan(0.5);
  expect(rounds[3]?.ticket).toBeGreaterThan(rounds[3]?.random ?? 1);
  // 6 + 2 + 2 + 2 * 6 epochs of 10 steps.
  expect(fractions).toHaveLength(220);
  expect(fractions.at(-1)).toBeCloseTo(1, 12);
  expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
});

test('half of random weights, well chosen, tell digits apart', async () => {
  const right = await maskOfRandomWeights(digits, {
    hidden: [60],
    density: 0.5,
    epochs: 12,
    batch: 40,
    learningRate: 1e-2,
    seed: 0,
    signal,
    onProgress: () => {},
  });
  expect(right).toBeGreaterThan(0.5);
});

test('what a ticket loses is held against the limits of its size', () => {
  const round = (density: number, ticket: number, other?: number): TicketRound => ({
    weights: Math.round(1000 * density),
    density,
    epochs: density === 0.5 ? 1 : 5,
    ticket,
    random: other,
  });
  const rounds = [round(1, 0.98, 0.98), round(0.5, 0.99), round(0.25, 0.977, 0.96)];
  const verdicts = (limits?: { density: number; lost: number }) =>
    ticketRows(rounds, limits).map(verdict);
  expect(verdicts({ density: 0.25, lost: 0.004 })).toEqual(['none', 'met', 'met', 'met']);
  expect(verdicts({ density: 0.25, lost: 0.002 })).toEqual(['none', 'met', 'missed', 'met']);
  expect(verdicts({ density: 0.2, lost: 0.004 })).toEqual(['none', 'missed', 'met', 'met']);
  expect(verdicts()).toEqual(['none', 'none', 'none', 'none']);
  expect(ticketListing(rounds).rows[1]).toEqual(['500', '50.00', '1', '99.00', '']);
  const { svg, caption } = ticketFigure(rounds);
  expect(caption).toContain('Between the first and the last, trainings are of one epoch.');
  expect(svg.match(/<circle/g)).toHaveLength(5);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});
