import { grad, type Tensor, tensor } from '@grad/core';
import { bethe, exactIsing, meanField, tap } from '@grad/iterators';
import type { Row } from '../../row.ts';
import { matrixOf } from './curves.ts';
import { curieWeiss, sixFields, sixKnown, sixSpins } from './references.ts';

const tight = { tol: 1e-15 };

/** Free energies that are known, and laws that hold. */
export function sixSpinRows(): Row[] {
  const problem = { J: matrixOf(sixSpins), h: tensor(sixFields), beta: 1 };
  const source = '34-digit arithmetic';
  const state = meanField(problem, tight);
  const energies = {
    'mean field': [state.freeEnergy, sixKnown.meanField],
    TAP: [tap(problem, tight).freeEnergy, sixKnown.tap],
    Bethe: [bethe(problem, tight).freeEnergy, sixKnown.bethe],
    exact: [exactIsing(problem).freeEnergy, sixKnown.exact],
  } as const;
  const slope = grad((h: Tensor) => meanField({ ...problem, h }, tight).freeEnergy)(problem.h);
  return [
    ...Object.entries(energies).map(([name, [energy, reference]]) => ({
      what: `six spins: free energy, ${name}`,
      result: energy.item(),
      reference,
      source,
    })),
    {
      what: 'six spins: largest of |dF/dh + m|, mean field',
      result: slope.add(state.magnetization).abs().max().item(),
      reference: { kind: 'atMost', limit: 1e-13 },
      source: 'the free energy is stationary in m',
    },
  ];
}

/** Spins that are all coupled to each other. */
export function curieWeissRows(): Row[] {
  const J = [
    [0, 1],
    [1, 0],
  ];
  const m = (beta: Tensor, h: Tensor): Tensor =>
    meanField({ J, h, beta }, tight).magnetization.at(0);
  const [inBeta, inField] = grad(m, { argnums: [0, 1] })(1.5, 0);
  const source = 'm = tanh(beta (m + h)), beta = 1.5, h = 0';
  return [
    {
      what: 'Curie-Weiss: m',
      result: m(tensor(1.5), tensor(0)).item(),
      reference: curieWeiss.m,
      source,
    },
    {
      what: 'Curie-Weiss: dm / dbeta',
      result: inBeta.item(),
      reference: curieWeiss.inBeta,
      source,
    },
    { what: 'Curie-Weiss: dm / dh', result: inField.item(), reference: curieWeiss.inField, source },
  ];
}
