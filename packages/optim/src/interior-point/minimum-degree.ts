/**
 * An order of elimination by least degree (A. George and J. Liu, SIAM Review 31 (1989) 1) for the matrix of
 * a KKT system. A row of a constraint has no diagonal of its own, and gets its turn only when a variable
 * of it has been eliminated.
 */
export function minimumDegree(
  size: number,
  variables: number,
  entries: readonly (readonly [row: number, column: number])[],
): Int32Array {
  const neighbours = Array.from({ length: size }, () => new Set<number>());
  for (const [row, column] of entries) {
    if (row === column) continue;
    neighbours[row]?.add(column);
    neighbours[column]?.add(row);
  }
  const isReady = Array.from({ length: size }, (_, i) => i < variables);
  // Rows by their degree; one that has changed stands in several buckets and counts where it belongs.
  const buckets: number[][] = [];
  const put = (i: number): void => {
    const degree = neighbours[i]?.size ?? 0;
    let bucket = buckets[degree];
    if (bucket === undefined) {
      bucket = [];
      buckets[degree] = bucket;
    }
    bucket.push(i);
  };
  for (let i = size - 1; i >= 0; i--) if (isReady[i] || neighbours[i]?.size === 0) put(i);
  const done = new Uint8Array(size);
  const order = new Int32Array(size);
  for (let k = 0; k < size; k++) {
    const next = pop(buckets, (i, degree) => !done[i] && neighbours[i]?.size === degree);
    order[k] = next;
    done[next] = 1;
    const around = [...(neighbours[next] ?? [])];
    for (const a of around) {
      const own = neighbours[a];
      own?.delete(next);
      for (const b of around) if (b !== a) own?.add(b);
      isReady[a] = true;
    }
    for (const a of around) put(a);
    neighbours[next]?.clear();
  }
  return order;
}

function pop(buckets: number[][], isValid: (i: number, degree: number) => boolean): number {
  for (let degree = 0; degree < buckets.length; degree++) {
    const bucket = buckets[degree];
    for (let i = bucket?.pop(); i !== undefined; i = bucket?.pop()) {
      if (isValid(i, degree)) return i;
    }
  }
  throw new Error('unreachable: a row is in no bucket');
}
