import type {
  ElementOperand,
  ElementSets,
  KnownElements,
  WalkElements,
} from '../primitives/element-sets.ts';
import type { SwitchParams } from '../program/loops.ts';
import { isTensor } from '../tensor/tensor.ts';

/** What the results of linear branches depend on: those of the branch, or of all when it varies. */
export function switchDependence(
  operands: readonly ElementOperand[],
  { branches }: SwitchParams,
  walk: WalkElements,
): readonly (ElementSets | null)[] {
  const [index, ...args] = operands;
  const chosen = index && branchOf(index.value(), branches.length - 1);
  const possible = chosen === undefined ? branches : branches.slice(chosen, chosen + 1);
  return possible
    .map((branch) => walk(branch, args).map(({ sets }) => sets))
    .reduce((union, sets) =>
      union.map((own, i) => {
        const other = sets[i] ?? null;
        return own && other ? own.union(other) : (own ?? other);
      }),
    );
}

function branchOf(index: KnownElements, last: number): number | undefined {
  return isTensor(index) ? Math.min(Math.max(index.item(), 0), last) : undefined;
}
