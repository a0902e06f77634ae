import { grad, jit, type Tensor, tensor } from '@grad/core';
import { odeint } from '@grad/solve';

// A pendulum with friction: its angle at some times.
const pendulum = (start: Tensor, friction: Tensor) =>
  odeint(
    ({ angle, speed }, _, rate) => ({
      angle: speed,
      speed: angle.sin().mul(-9.81).sub(speed.mul(rate)),
    }),
    { angle: start, speed: 0 },
    [0, 0.5, 1, 2],
    { args: friction, rtol: 1e-8 },
  );
const { ys, stats, status } = pendulum(tensor(1), tensor(0.3));
console.log(status, stats.steps.item()); // → success 63
console.log(ys.angle.toString({ digits: 5 })); // → f64[4] [1, 0.14551, -0.8325, 0.68328]

// How the last angle depends on the first one and on the friction.
const last = (start: Tensor, friction: Tensor) => pendulum(start, friction).ys.angle.at(-1);
const [inStart, inFriction] = jit(grad(last, { argnums: [0, 1] }))(1, 0.3);
console.log(inStart.item().toFixed(6), inFriction.item().toFixed(6)); // → 0.512467 -0.691755

// The time at which it first hangs straight down, and how that depends on the start.
const below = (start: Tensor) =>
  odeint(
    ({ angle, speed }) => ({ angle: speed, speed: angle.sin().mul(-9.81) }),
    { angle: start, speed: 0 },
    [0, 10],
    { events: [{ condition: ({ angle }) => angle }], rtol: 1e-8 },
  ).event.t;
console.log(below(tensor(1)).item().toFixed(6), grad(below)(1).item().toFixed(6)); // → 0.534784 0.070656
