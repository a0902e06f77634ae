import { argmax, jit, slice, type Tensor } from '@grad/core';
import { fgsm, type Network, pgd } from '@grad/vision';
import type { Row } from '../../row.ts';
import { accuracyOf } from './classifier.ts';
import type { Digits } from './digits.ts';
import type { Attacked, Decline } from './figures/attack-figure.ts';

/** What attacks did to a network. */
export interface AttackResult {
  /** Accuracy on the images that were attacked, before and after FGSM. */
  readonly clean: number;
  readonly left: number;
  readonly declines: readonly Decline[];
  readonly shown: Attacked;
}

/** The step of FGSM that the limits are for, and how much of the accuracy it may leave. */
export const attackLimits = { eps: 0.15, left: 0.5 };

/** Attacks the network on at most 1000 images that it has not learned from. */
export function attackDigits(model: Network, { held }: Digits, eps: number): AttackResult {
  const first = (x: Tensor, count: number): Tensor =>
    slice(x, [0], [Math.min(count, held.labels.size)]);
  const images = (count: number): Tensor => first(held.images, count).expandDims(1);
  const labels = (count: number): Tensor => first(held.labels, count);
  const byFgsm = (size: number) => (x: Tensor, y: Tensor) => fgsm(model, x, y, { eps: size });
  const byPgd = (size: number) => (x: Tensor, y: Tensor) =>
    pgd(model, x, y, { eps: size, steps: 10 });
  const after = jit(byFgsm(eps))(images(1000), labels(1000));
  const decline = (attack: string, by: typeof byFgsm): Decline => ({
    attack,
    points: [0, 0.25, 0.5, 0.75, 1, 1.5].map((part) => {
      const made = part === 0 ? images(100) : jit(by(part * eps))(images(100), labels(100));
      return { eps: part * eps, accuracy: accuracyOf(model, made, labels(100)) };
    }),
  });
  const shown = 7;
  const seen = (x: Tensor): number[] =>
    Array.from(argmax(model(x), { axis: 1 }).dataSync(), Number);
  const [before, led] = [images(shown), first(after, shown)];
  return {
    clean: accuracyOf(model, images(1000), labels(1000)),
    left: accuracyOf(model, after, labels(1000)),
    declines: [decline('FGSM', byFgsm), decline('PGD, 10 steps', byPgd)],
    shown: { before, after: led, seenBefore: seen(before), seenAfter: seen(led) },
  };
}

/** The results as rows; held against the limits when the step is that large. */
export function attackRows(
  { clean, left, declines }: AttackResult,
  eps: number,
  isHeld: boolean,
): Row[] {
  const [byFgsm, byPgd] = declines.map(({ points }) => points.find((point) => point.eps === eps));
  return [
    {
      what: `FGSM with ε = ${eps}: accuracy over that without it`,
      result: left / clean,
      ...(isHeld && eps >= attackLimits.eps
        ? { reference: { kind: 'atMost', limit: attackLimits.left } }
        : {}),
    },
    {
      what: `PGD with ε = ${eps}, 10 steps: accuracy less that under FGSM`,
      result: (byPgd?.accuracy ?? Number.NaN) - (byFgsm?.accuracy ?? Number.NaN),
      reference: { kind: 'atMost', limit: 0.01 },
      source: 'many steps find what one does',
    },
  ];
}
