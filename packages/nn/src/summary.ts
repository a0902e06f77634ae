import { program, type Tensor, tree, zeros } from '@grad/core';
import type { Layer, Step } from './layer.ts';
import type { FloatDType } from './operands.ts';
import { walk } from './walk.ts';

/** Number of elements of all tensors of a tree. */
export function countParams(params: unknown): number {
  return tree.leaves(params).reduce((sum, leaf) => sum + leaf.size, 0);
}

/** One layer in a summary. */
export interface SummaryRow {
  /** Name in the model, empty for a model of one layer. */
  readonly name: string;
  readonly kind: string;
  readonly outputShape: readonly number[];
  readonly params: number;
}

/** The layers of a model, with `toString()` for a table of them. */
export interface Summary {
  readonly rows: readonly SummaryRow[];
  /** Number of parameters of the whole model. */
  readonly params: number;
  /** A table with a line for each layer. */
  toString(): string;
}

/**
 * The layers of a model with the shape of their results and their number of parameters. Nothing is
 * computed.
 *
 * @param shape of an input, the batch included
 * @throws ShapeError naming the layer that an input of this shape does not suit.
 */
export function summary<P, S>(
  model: Layer<P, S>,
  params: P,
  shape: readonly number[],
  options: { readonly dtype?: FloatDType | 'int32' } = {},
): Summary {
  let steps: readonly Step[] = [];
  program((x: Tensor) => {
    steps = walk(model, params, x, { state: model.initState() });
    return x;
  })(zeros(shape, options));
  const rows = rowsOf(steps);
  const total = countParams(params);
  return { rows, params: total, toString: () => table(rows, total) };
}

function rowsOf(steps: readonly Step[]): SummaryRow[] {
  return steps.flatMap(({ name, layer, params, output, branches }) => {
    const inside = branches.flatMap(rowsOf);
    const own = branches.length > 0 ? 0 : countParams(params);
    const kind = layer.kind;
    return [...inside, { name, kind, outputShape: output.shape, params: own }];
  });
}

function table(rows: readonly SummaryRow[], total: number): string {
  const cells = [
    ['layer', 'kind', 'output', 'parameters'],
    ...rows.map(({ name, kind, outputShape, params }) => [
      name,
      kind,
      `[${outputShape.join(', ')}]`,
      String(params),
    ]),
    ['total', '', '', String(total)],
  ];
  const width = [0, 1, 2, 3].map((i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => (i === 3 ? cell.padStart(width[i] ?? 0) : cell.padEnd(width[i] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
