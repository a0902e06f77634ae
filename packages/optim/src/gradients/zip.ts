import type { Tensor } from '@grad/core';

/** f of the elements of lists of one length, at the same places. */
export function zipWith<const L extends readonly (readonly Tensor[])[]>(
  f: (...leaves: { readonly [K in keyof L]: Tensor }) => Tensor,
  ...lists: L
): Tensor[] {
  const [first = []] = lists;
  return first.map((_, i) =>
    Reflect.apply(
      f,
      undefined,
      lists.map((list) => list[i]),
    ),
  );
}
