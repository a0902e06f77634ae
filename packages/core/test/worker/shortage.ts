import { jit, OutOfMemoryError, ones, sum, type Tensor } from '@grad/core';

/** What a worker tells of running out of memory, and what it computes after that. */
export function shortage(): { readonly error: string; readonly after: number } {
  const large = jit((x: Tensor) => x.add(ones([2 ** 29])));
  let error = 'none';
  try {
    large(ones([]));
  } catch (thrown) {
    if (thrown instanceof OutOfMemoryError) error = thrown.message;
  }
  return { error, after: sum(jit((x: Tensor) => x.mul(2))(ones([1000]))).item() };
}
