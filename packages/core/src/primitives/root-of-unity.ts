/**
 * The cosine and sine of 2 pi m / n, for whole m of either sign and n > 0. The angle is brought to at
 * most pi / 4 in whole numbers, so that the error is that of the library's cosine and sine, and the
 * symmetries of the circle hold to the last bit.
 */
export function rootOfUnity(m: number, n: number): readonly [cos: number, sin: number] {
  let quarters = 4 * (m - n * Math.floor(m / n));
  const below = quarters > 2 * n;
  if (below) quarters = 4 * n - quarters;
  const left = quarters > n;
  if (left) quarters = 2 * n - quarters;
  const steep = 2 * quarters > n;
  if (steep) quarters = n - quarters;
  const angle = (Math.PI / 2) * (quarters / n);
  const [x, y] = [Math.cos(angle), Math.sin(angle)];
  const [cos, sin] = steep ? [y, x] : [x, y];
  return [left ? -cos : cos, below ? -sin : sin];
}
