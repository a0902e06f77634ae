import {
  foriLoop,
  grad,
  jit,
  jvp,
  matmul,
  segmentSum,
  stack,
  type Tensor,
  tensor,
  vmap,
} from '@grad/core';
import { pagerank } from '@grad/iterators';
import { describe, expect, test } from 'vitest';
import { edges, options } from './six-pages.ts';

const weights = tensor(edges.map((_, i) => 0.6 + ((i * 7) % 5) / 4));
const direction = tensor(edges.map((_, i) => Math.cos(3 * i)));
const jumps = tensor([0.1, 0.2, 0.3, 0.15, 0.15, 0.1]);
const mix = tensor([1, -2, 3, 0.5, -1, 2]);

/** A number made of all scores, so that no derivative is zero for a reason. */
const figure = (w: Tensor, v: Tensor = jumps): Tensor => {
  const { scores } = pagerank(edges, w, { ...options, personalization: v });
  return scores.mul(mix).sum().add(scores.square().sum());
};

/** The same by 400 unrolled steps with a dense matrix. */
const unrolled = (w: Tensor): Tensor => {
  const flat = segmentSum(
    w,
    edges.map(([from, to]) => 6 * from + to),
    { count: 36 },
  );
  const matrix = flat.reshape([6, 6]);
  const links = matrix.sum({ axis: 1, keepdims: true });
  const isDangling = links.eq(0).astype('float64');
  const shares = matrix.div(links.add(isDangling)).add(isDangling.mul(jumps));
  const p = foriLoop(
    0,
    400,
    (_, now: Tensor) => matmul(now, shares).mul(0.9).add(jumps.mul(0.1)),
    jumps,
  );
  return p.mul(mix).sum().add(p.square().sum());
};

function distance(a: Tensor, b: Tensor): number {
  const size = Math.max(a.abs().max().item(), b.abs().max().item());
  return a.sub(b).abs().max().item() / size;
}

/** Central differences of a scalar or vector function along each axis of x, or along one direction. */
function differences(f: (x: Tensor) => Tensor, x: Tensor, along?: Tensor): Tensor {
  const h = 1e-5;
  const slope = (d: Tensor): Tensor =>
    f(x.add(d.mul(h)))
      .sub(f(x.sub(d.mul(h))))
      .div(2 * h);
  if (along) return slope(along);
  return stack(
    Array.from({ length: x.size }, (_, i) =>
      slope(tensor(Array.from({ length: x.size }, (_, j) => Number(i === j)))),
    ),
  );
}

describe('derivatives of pagerank', () => {
  test('are those of the unrolled iteration', () => {
    expect(figure(weights).item()).toBeCloseTo(unrolled(weights).item(), 13);
    expect(distance(grad((w) => figure(w))(weights), grad(unrolled)(weights))).toBeLessThan(1e-12);
  });

  test('agree with central differences in weights, jumps and dangling pages', () => {
    expect(distance(grad((w) => figure(w))(weights), differences(figure, weights))).toBeLessThan(
      1e-8,
    );
    const inJumps = (v: Tensor): Tensor => figure(weights, v);
    expect(distance(grad(inJumps)(jumps), differences(inJumps, jumps))).toBeLessThan(1e-8);
    const inDangling = (dangling: Tensor): Tensor =>
      pagerank(edges, weights, { ...options, dangling })
        .scores.mul(mix)
        .sum();
    expect(distance(grad(inDangling)(jumps), differences(inDangling, jumps))).toBeLessThan(1e-8);
  });

  test('are right where edges lead from a page to itself', () => {
    const looped = [...edges, [2, 2], [1, 1]];
    const w = tensor(looped.map((_, i) => 1 + (i % 3)));
    const f = (x: Tensor): Tensor => pagerank(looped, x, options).scores.mul(mix).sum();
    expect(distance(grad(f)(w), differences(f, w))).toBeLessThan(1e-8);
  });

  test('agree in both modes', () => {
    const [, forward] = jvp((w: Tensor) => figure(w), [weights], [direction]);
    const reverse = grad((w) => figure(w))(weights)
      .mul(direction)
      .sum();
    expect(forward.item()).toBeCloseTo(reverse.item(), 13);
  });

  test('can be differentiated again', () => {
    const gradient = grad((w) => figure(w));
    const expected = differences(gradient, weights, direction);
    const [, forward] = jvp(gradient, [weights], [direction]);
    expect(distance(forward, expected)).toBeLessThan(1e-7);
    const reverse = grad((w: Tensor) => gradient(w).mul(direction).sum())(weights);
    expect(distance(reverse, forward)).toBeLessThan(1e-11);
  });

  test('are the same compiled', () => {
    expect(
      distance(jit(grad((w) => figure(w)))(weights), grad((w) => figure(w))(weights)),
    ).toBeLessThan(1e-13);
  });

  test('come for a batch of weights and of personalizations at once', () => {
    const many = stack([weights, weights.add(1), weights.square()]);
    const jumpsOfEach = stack([jumps, tensor([1, 0, 0, 0, 0, 0]), tensor([1, 1, 1, 1, 1, 1])]);
    const one = (f: (w: Tensor, v: Tensor) => Tensor): Tensor =>
      stack([0, 1, 2].map((i) => f(many.at(i), jumpsOfEach.at(i))));
    expect(distance(vmap(figure)(many, jumpsOfEach), one(figure))).toBeLessThan(1e-13);
    const gradient = grad(figure);
    expect(distance(vmap(gradient)(many, jumpsOfEach), one(gradient))).toBeLessThan(1e-12);
    expect(distance(jit(vmap(gradient))(many, jumpsOfEach), one(gradient))).toBeLessThan(1e-12);
    const shared = vmap(grad(figure, { argnums: 1 }), { inAxes: [null, 0] });
    const single = stack(
      [0, 1, 2].map((i) => grad(figure, { argnums: 1 })(weights, jumpsOfEach.at(i))),
    );
    expect(distance(shared(weights, jumpsOfEach), single)).toBeLessThan(1e-12);
  });

  test('reach every edge of a large graph, and add up to no effect for each page', () => {
    const [nodes, count] = [2000, 30_000];
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const links = Int32Array.from({ length: 2 * count }, () =>
      Math.floor(random(nodes) ** 2 / nodes),
    );
    const w = tensor(Float64Array.from({ length: count }, () => 1 + random(3)));
    const score = (x: Tensor): Tensor => pagerank(links, x, { nodes, tol: 1e-15 }).scores.at(0);
    const gradient = grad(score)(w);
    const unit = (i: number): Tensor => {
      const step = new Float64Array(count);
      step[i] = 1;
      return tensor(step);
    };
    for (const edge of [0, 777, count - 1]) {
      const expected = differences(score, w, unit(edge)).item();
      expect(Math.abs(gradient.at(edge).item() - expected)).toBeLessThan(1e-10);
      expect(gradient.at(edge).item()).not.toBe(0);
    }
    const [derivatives, sizes] = [gradient.dataSync(), w.dataSync()];
    const effects = new Float64Array(nodes);
    derivatives.forEach((derivative, edge) => {
      const from = links[2 * edge] ?? 0;
      effects[from] = (effects[from] ?? 0) + derivative * (sizes[edge] ?? 0);
    });
    expect(Math.max(...effects.map(Math.abs))).toBeLessThan(1e-15);
  });
});
