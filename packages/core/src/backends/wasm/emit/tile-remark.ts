import type { Statement } from '../../../kernel/statement.ts';
import { tileNest } from './tile-nest.ts';
import { planTiles } from './tile-plan.ts';

/** Says of loops that are printed as tiles how large these are. */
export function tileRemark(statement: Statement): string | undefined {
  const nest = statement.do === 'for' ? tileNest(statement) : undefined;
  if (!nest) return undefined;
  const { rows, columns, blocks, terms } = planTiles(nest);
  const all = blocks === 1 ? '' : `, terms in ${blocks} blocks of up to ${terms}`;
  return `in tiles of ${rows.width} x ${columns.width}${all}`;
}
