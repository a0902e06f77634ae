/** Inner product. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Euclidean norm. */
export function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

/** Adds s b to a, in place. */
export function addTo(a: Float64Array, s: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] ?? 0) + s * (b[i] ?? 0);
}

/** a + s b. */
export function axpy(a: Float64Array, s: number, b: Float64Array): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) sum[i] = (a[i] ?? 0) + s * (b[i] ?? 0);
  return sum;
}

/** The elements of a, and those of b after them. */
export function joined(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const all = new Float64Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** The largest absolute value; NaN where there is one. */
export function infinityNorm(v: Float64Array): number {
  let most = 0;
  let sum = 0;
  for (let i = 0; i < v.length; i++) {
    const size = Math.abs(v[i] ?? 0);
    sum += size;
    if (size > most) most = size;
  }
  return Number.isNaN(sum) ? sum : most;
}

/** The sum of absolute values. */
export function oneNorm(v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += Math.abs(v[i] ?? 0);
  return sum;
}

/** Whether all elements are. */
export function areFinite(v: Float64Array): boolean {
  for (let i = 0; i < v.length; i++) if (!Number.isFinite(v[i])) return false;
  return true;
}
