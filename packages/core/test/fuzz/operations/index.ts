import { branches } from './branches.ts';
import { binary, unary } from './elementwise.ts';
import { fourier } from './fourier.ts';
import { indexing } from './indexing.ts';
import { integers } from './integers.ts';
import { loops } from './loops.ts';
import { matrices } from './matrices.ts';
import type { Operation, Operations } from './operation.ts';
import { ordering } from './ordering.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';
import { rules } from './rules.ts';
import { sparseMatrices } from './sparse-matrices.ts';
import { spectral } from './spectral.ts';
import { transforms } from './transforms.ts';
import { trees } from './trees.ts';
import { views } from './views.ts';
import { windows } from './windows.ts';

/** Steps of one kind; a group is chosen by its weight, and then one of its steps. */
interface Group {
  readonly weight: number;
  readonly operations: Operations;
  /** Whether its steps contain functions. */
  readonly nested?: boolean;
}

export const catalog: readonly Group[] = [
  { weight: 14, operations: unary },
  { weight: 12, operations: binary },
  { weight: 10, operations: views },
  { weight: 8, operations: reductions },
  { weight: 5, operations: products },
  { weight: 4, operations: matrices },
  { weight: 4, operations: windows },
  { weight: 3, operations: spectral },
  { weight: 3, operations: sparseMatrices },
  { weight: 3, operations: fourier },
  { weight: 8, operations: indexing },
  { weight: 5, operations: ordering },
  { weight: 8, operations: integers },
  { weight: 8, operations: loops, nested: true },
  { weight: 4, operations: branches, nested: true },
  { weight: 7, operations: transforms, nested: true },
  { weight: 4, operations: rules, nested: true },
  { weight: 5, operations: trees, nested: true },
];

const all = new Map<string, Operation>(
  catalog.flatMap(({ operations }) => Object.entries(operations)),
);

export function operationNamed(name: string): Operation | undefined {
  return all.get(name);
}
