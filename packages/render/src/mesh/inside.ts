/**
 * Refuses an eye inside of a closed mesh: its triangles then fill the whole sphere of directions around it.
 *
 * @param points vertices in the frame of the camera
 * @throws RangeError
 * @see van Oosterom and Strackee, The solid angle of a plane triangle, IEEE Trans. Biomed. Eng. 30 (1983).
 */
export function refuseInside(name: string, points: Float64Array, faces: Int32Array): void {
  let half = 0;
  for (let i = 0; i < faces.length; i += 3) {
    const corner = (k: number): readonly [number, number, number] => {
      const v = 3 * (faces[i + k] ?? 0);
      return [points[v] ?? 0, points[v + 1] ?? 0, points[v + 2] ?? 0];
    };
    const [[ax, ay, az], [bx, by, bz], [cx, cy, cz]] = [corner(0), corner(1), corner(2)];
    const [a, b, c] = [Math.hypot(ax, ay, az), Math.hypot(bx, by, bz), Math.hypot(cx, cy, cz)];
    const volume = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
    const [ab, bc, ca] = [
      ax * bx + ay * by + az * bz,
      bx * cx + by * cy + bz * cz,
      cx * ax + cy * ay + cz * az,
    ];
    half += Math.atan2(volume, a * b * c + ab * c + bc * a + ca * b);
  }
  const turns = Math.round(half / (2 * Math.PI));
  if (turns === 0) return;
  throw new RangeError(
    `${name}: the eye is inside of the mesh, which is closed; move the camera out, or leave out triangles to look in.`,
  );
}
