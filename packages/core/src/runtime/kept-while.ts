import { Elements, type Home, Symbolic } from '../tensor/storage.ts';
import { makeTensor, type Tensor } from '../tensor/tensor.ts';

/**
 * Waits, and uses the tensors then as they were before, even if who they belong to has freed their
 * elements meanwhile.
 */
export async function keptWhile<R>(
  waiting: Promise<void>,
  tensors: readonly Tensor[],
  use: (kept: readonly Tensor[]) => R,
): Promise<R> {
  const homes: Home[] = [];
  const kept = tensors.map(({ type, source }) => {
    const storage = source instanceof Symbolic ? source.concrete('async') : source;
    if (!(storage instanceof Elements)) return makeTensor(type, storage);
    const { home } = storage;
    if (home === undefined) return makeTensor(type, new Elements(storage.data));
    home.pin();
    homes.push(home);
    return makeTensor(type, new Elements(undefined, home));
  });
  try {
    await waiting;
    return use(kept);
  } finally {
    for (const home of homes) home.unpin();
  }
}
