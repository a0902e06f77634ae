import { type Mutant, mutantsOf } from './mutants.ts';
import { hashOf, read, sources } from './sources.ts';

/** A mutant, and the name that its result is kept under. */
export interface Chosen {
  readonly file: string;
  readonly mutant: Mutant;
  readonly id: string;
}

/** Every mutant in a random order, each stretch of which has mutants of every part of every file. */
export function chosenMutants(seed: number): readonly Chosen[] {
  const placed = sources.flatMap((file) => {
    const shuffled = mutantsOf(read(file)).map((mutant): Chosen & { readonly key: string } => {
      const id = `${file}:${mutant.start}-${mutant.end} ${mutant.text}`;
      return { file, mutant, id, key: hashOf(`${seed} ${id}`) };
    });
    shuffled.sort((a, b) => (a.key < b.key ? -1 : 1));
    const phase = Number.parseInt(hashOf(`${seed} ${file}`).slice(0, 8), 16) / 2 ** 32;
    return shuffled.map((each, i) => ({ each, at: (i + phase) / shuffled.length }));
  });
  return placed.sort((a, b) => a.at - b.at).map(({ each }) => each);
}
