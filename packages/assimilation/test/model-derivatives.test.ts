import { burgers, lorenz63, lorenz96, type Model, shallowWater } from '@grad/assimilation';
import { grad, jit, scan, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import { describe, expect, test } from 'vitest';

const unit = { ny: 3, nx: 4, dy: 1, dx: 1.2, dt: 0.3, gravity: 1 };
const models: Record<string, readonly [model: Model, state: readonly number[]]> = {
  'Lorenz-63': [lorenz63(), [1.5, -1.5, 25]],
  'Lorenz-96': [lorenz96(), [8, 9, 7, 3, 5, 8]],
  Burgers: [burgers({ dt: 0.01, dx: 0.2, viscosity: 0.1 }), [1, 0.5, -0.3, 0.8, 1.2]],
  'shallow water': [
    shallowWater({ ...unit, coriolis: 0.4, viscosity: 0.01 }),
    Array.from({ length: 36 }, (_, i) => (i < 12 ? 1 : 0) + 0.2 * Math.sin(i)),
  ],
};

describe.each(Object.entries(models))('%s', (_, [model, state]) => {
  const later = (x: Tensor): Tensor => {
    const [end] = scan((now: Tensor) => [model(now), null], x, null, { length: 3 });
    return end.square().sum();
  };

  test('has right derivatives to second order', () => {
    checkGrads(later, [tensor([...state])]);
  });

  test('has the same gradient under jit, and of a batch', () => {
    const x = tensor([...state]);
    const slope = grad(later)(x);
    const distance = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item() / b.abs().max().item();
    expect(distance(jit(grad(later))(x), slope)).toBeLessThan(1e-14);
    const batch = vmap(grad(later))(tensor([[...state], state.map((value) => 1.1 * value)]));
    expect(distance(batch.at(0), slope)).toBeLessThan(1e-14);
    expect(distance(batch.at(1), grad(later)(x.mul(1.1)))).toBeLessThan(1e-14);
  });
});
