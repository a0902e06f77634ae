import type { Tensor } from '@grad/core';
import type { Block } from '../recipe.ts';
import type { Draw, Scope } from '../scope.ts';

/** One kind of step of a random function. */
export interface Operation {
  /** How many functions it takes. */
  readonly blocks?: number;
  /** Applies it to values of the scope; floats that it gives are in [-4, 4]. */
  readonly build: (
    scope: Scope,
    draw: Draw,
    blocks: readonly Block[],
  ) => Tensor | readonly Tensor[];
}

export type Operations = Readonly<Record<string, Operation>>;
