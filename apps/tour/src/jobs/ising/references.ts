import { published } from '../../published.ts';
import type { Spins } from './lattice.ts';

/** Six spins on a ring with two chords, and fields; energies by 34-digit arithmetic. */
export const sixSpins: Spins = {
  name: 'six spins',
  count: 6,
  pairs: [
    { from: 0, to: 1, coupling: 0.5 },
    { from: 1, to: 2, coupling: -0.3 },
    { from: 2, to: 3, coupling: 0.8 },
    { from: 3, to: 4, coupling: 0.2 },
    { from: 4, to: 5, coupling: -0.6 },
    { from: 0, to: 5, coupling: 0.4 },
    { from: 0, to: 3, coupling: 0.7 },
    { from: 1, to: 4, coupling: -0.25 },
  ],
};
export const sixFields = [0.1, -0.2, 0.3, 0.05, -0.15, 0.25];

/** At beta = 1. */
export const sixKnown = {
  meanField: published('-4.598400854301673616'),
  tap: published('-5.313052506998252327'),
  bethe: published('-5.270333264528806892'),
  exact: published('-5.215929181742396896'),
};

/** m = tanh(beta (m + h)) at beta = 1.5 and h = 0. */
export const curieWeiss = {
  m: published('0.8585596366401104'),
  inBeta: published('0.3726250930999801'),
  inField: published('0.6510178394098728'),
};
