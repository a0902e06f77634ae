import { ink } from '../../../../plot.ts';

/** A run of the model: `states[step][component]`. */
export interface Run {
  readonly name: 'truth' | 'background' | 'analysis';
  readonly states: readonly (readonly number[])[];
}

/** The color of each run, the same in every figure. */
export const runColors: Readonly<Record<Run['name'], string>> = {
  truth: ink.first,
  background: ink.second,
  analysis: ink.third,
};

/** The truth is drawn broad, so that a curve on top of it does not hide it. */
export function lineWidth({ name }: { readonly name: string }): number {
  return name === 'truth' ? 4.5 : 1.75;
}
