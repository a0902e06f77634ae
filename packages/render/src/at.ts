/** An element of an array that is known to be there. */
export function at(items: ArrayLike<number>, index: number): number {
  return items[index] ?? Number.NaN;
}
