/** The most points that a figure shows of one thing. */
const most = 3000;

/** The items, or when a figure has no room for all an even part of them, from the first on. */
export function thin<T>(items: readonly T[]): readonly T[] {
  const stride = Math.ceil(items.length / most);
  return stride <= 1 ? items : items.filter((_, index) => index % stride === 0);
}

/** A sentence for the caption of a figure that cannot show all items; empty when it does. */
export function thinningNote(items: readonly unknown[], what: string): string {
  const stride = Math.ceil(items.length / most);
  return stride <= 1 ? '' : ` Of the ${items.length} ${what} one in ${stride} is drawn.`;
}
