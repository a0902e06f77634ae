import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatProgram } from '../../src/program/print.ts';
import { checkSubject, type Failure, failure } from './check.ts';
import { type Recipe, randomRecipe } from './recipe.ts';
import { shrink } from './shrink.ts';
import { Subject } from './subject.ts';

/** A function that broke a law, shrunk, as a file that the tests replay. */
export interface Kept extends Failure {
  readonly recipe: Recipe;
  /** The function, and the values that the law tries it on, for the reader. */
  readonly program: readonly string[];
  readonly inputs: readonly (readonly string[])[];
}

const keptFolder = fileURLToPath(new URL('kept/', import.meta.url));

/** Shrinks what failed; a shrunken function breaks the same law in the same way. */
export function keptOf({ seed, law, message }: Failure): Kept {
  const kind = kindOf(message);
  const recipe = shrink(randomRecipe(seed), (candidate) => {
    const found = failure(candidate, seed, law);
    return found !== undefined && kindOf(found) === kind;
  });
  const subject = new Subject(recipe, seed);
  const [found] = checkSubject(subject, [law]).failures;
  return {
    seed,
    law,
    message: found?.message ?? message,
    recipe,
    program: programOf(subject),
    inputs: subject.drawn.map((values) => values.map(String)),
  };
}

function programOf(subject: Subject): string[] {
  try {
    return formatProgram(subject.recorded.program).split('\n');
  } catch {
    return []; // it cannot even be recorded
  }
}

/** A message without its numbers; of a comparison only what was compared. */
export function kindOf(message: string): string {
  if (message.startsWith('LawBroken')) return message.split(':', 2).join(':');
  return message.replace(/-?\d+(\.\d+)?(e[-+]?\d+)?/g, '#');
}

/** Writes a failure where the tests find it, and returns the name of the file. */
export function keep(kept: Kept): string {
  mkdirSync(keptFolder, { recursive: true });
  const name = `${kept.law.split(' ').slice(0, 4).join('-').replace(/\W+/g, '-')}-${kept.seed}.json`;
  writeFileSync(join(keptFolder, name), `${JSON.stringify(kept, null, 2)}\n`);
  return name;
}

/** All kept failures. */
export function keptFailures(): readonly (readonly [name: string, kept: Kept])[] {
  mkdirSync(keptFolder, { recursive: true });
  return readdirSync(keptFolder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, JSON.parse(readFileSync(join(keptFolder, name), 'utf8'))] as const);
}
