import { jit, random, type Tensor, tensor } from '@grad/core';
import { reduced } from './recover.ts';
import { picture, type Setting, type Unknowns } from './scene.ts';

/** What the default picture shows. */
export const truth: Unknowns = {
  turn: tensor([0.5, -0.3, 0.2]),
  place: tensor([0.1, -0.05, 5]),
  lamp: tensor([2.5, -3, 1]),
  albedo: tensor([0.8, 0.45, 0.25]),
  specular: tensor(0.2),
};

/** A start 20 degrees and 10 % of the distance off, with another lamp and a grey surface. */
export function startNear(of: Unknowns): Unknowns {
  const distance = of.place.square().sum().sqrt();
  const aside = tensor([0.05, -0.04, Math.sqrt(0.01 - 0.05 ** 2 - 0.04 ** 2)]);
  const plain = plainLooks();
  return {
    ...plain,
    turn: turnedBy(of.turn, [1, 0.5, -0.7], 20),
    place: of.place.add(aside.mul(distance)),
  };
}

/** Of many turns the one whose picture is nearest to the target, at a quarter of the size. */
export function startAnywhere(setting: Setting, target: Tensor): Unknowns {
  const size = setting.size / 4;
  const goal = reduced(target, 4);
  const place = tensor([0, 0, 1.15 / Math.sin(setting.fov / 2)]);
  const plain = plainLooks();
  const error = jit((turn: Tensor, lamp: Tensor) =>
    picture(setting, { ...plain, place, turn, lamp }, size)
      .image.sub(goal)
      .square()
      .mean(),
  );
  let best = { error: Number.POSITIVE_INFINITY, turn: plain.turn, lamp: plain.lamp };
  for (let k = 0; k < 100; k++) {
    const key = random.foldIn(random.key(1), k);
    const axis = random.normal(key, [3]);
    const angle = random.uniform(random.foldIn(key, 1), []).mul(Math.PI);
    const turn = axis.div(axis.square().sum().sqrt()).mul(angle);
    for (const side of [-3, 0, 3]) {
      const lamp = tensor([side, -3, 0]);
      const found = error(turn, lamp).item();
      if (found < best.error) best = { error: found, turn, lamp };
    }
  }
  return { ...plain, place, turn: best.turn, lamp: best.lamp };
}

function plainLooks(): Unknowns {
  return {
    turn: tensor([0, 0, 0]),
    place: tensor([0, 0, 5]),
    lamp: tensor([0, -4, 0]),
    albedo: tensor([0.5, 0.5, 0.5]),
    specular: tensor(0.05),
  };
}

/** A turn, and another one around an axis by so many degrees after it. */
function turnedBy(turn: Tensor, axis: readonly number[], degrees: number): Tensor {
  const length = Math.hypot(...axis);
  const half = (degrees * Math.PI) / 360;
  const angle = turn.square().sum().sqrt().item();
  const second = axis.map((x) => (x / length) * Math.sin(half));
  const first = Array.from(turn.dataSync(), (x) => (x / angle) * Math.sin(angle / 2));
  const [a = 0, b = 0, c = 0] = second;
  const [x = 0, y = 0, z = 0] = first;
  const [s, t] = [Math.cos(half), Math.cos(angle / 2)];
  // The product of the quaternions (s, a, b, c) and (t, x, y, z).
  const w = s * t - a * x - b * y - c * z;
  const v = [
    s * x + t * a + b * z - c * y,
    s * y + t * b + c * x - a * z,
    s * z + t * c + a * y - b * x,
  ];
  const sine = Math.hypot(...v);
  return tensor(v.map((k) => (k / sine) * 2 * Math.atan2(sine, w)));
}
