/** An element of an array that is known to be there. */
export function at<T>(items: ArrayLike<T>, index: number): T {
  const item = items[index];
  if (item === undefined) {
    throw new RangeError(`There is no item ${index} among ${items.length}.`);
  }
  return item;
}
