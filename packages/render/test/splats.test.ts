import {
  broadcastTo,
  concatenate,
  explain,
  grad,
  hvp,
  jit,
  jvp,
  log,
  random,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@grad/core';
import { allclose, checkGrads } from '@grad/core/testing';
import { type Camera, camera, gaussianSplats, lookAt, type Splats } from '@grad/render';
import { describe, expect, test } from 'vitest';

const logit = (p: number): number => Math.log(p / (1 - p));
/** Balls on the axis, with opacities and grey levels, before a camera of one pixel. */
const onAxis = (balls: readonly { depth: number; opacity: number; grey: number }[]): Splats => ({
  means: balls.map(({ depth }) => [0, 0, depth]),
  quaternions: balls.map(() => [1, 0, 0, 0]),
  logScales: balls.map(() => [0, 0, 0]),
  opacityLogits: balls.map(({ opacity }) => logit(opacity)),
  harmonics: balls.map(({ grey }) => [[(grey - 0.5) / 0.28209479177387814]]),
});
const pixel = camera({ width: 1, focal: 100 });
const seen = (...balls: { depth: number; opacity: number; grey: number }[]) => {
  const { image, opacity } = gaussianSplats(onAxis(balls), pixel);
  return { color: image.item(), opacity: opacity.item() };
};

describe('splats on the axis', () => {
  test('are laid over each other by depth, whatever their order', () => {
    const near = { depth: 2, opacity: 0.5, grey: 1 };
    const far = { depth: 5, opacity: 0.25, grey: 0.6 };
    for (const balls of [
      [near, far],
      [far, near],
    ]) {
      const { color, opacity } = seen(...balls);
      expect(color).toBeCloseTo(0.5 + 0.5 * 0.25 * 0.6, 12);
      expect(opacity).toBeCloseTo(1 - 0.5 * 0.75, 12);
    }
  });

  test('have opacities of at most 0.999', () => {
    expect(seen({ depth: 2, opacity: 0.99999, grey: 1 }).opacity).toBeCloseTo(0.999, 14);
    expect(seen({ depth: 2, opacity: 0.9985, grey: 1 }).opacity).toBeCloseTo(0.9985, 12);
  });

  test('are left out below 1 / 255', () => {
    expect(seen({ depth: 2, opacity: 0.99 / 255, grey: 1 }).opacity).toBe(0);
    expect(seen({ depth: 2, opacity: 1.01 / 255, grey: 1 }).opacity).toBeCloseTo(1.01 / 255, 12);
  });

  test('end before the one that would leave 1e-4 or less', () => {
    const wall = { depth: 2, opacity: 0.99, grey: 1 };
    // After one, 0.01 is left; the next one would leave 0.00009 or 0.00011.
    const stopped = seen(
      wall,
      { depth: 3, opacity: 0.991, grey: 0.6 },
      { depth: 4, opacity: 0.5, grey: 1 },
    );
    expect(stopped.opacity).toBeCloseTo(0.99, 12);
    expect(stopped.color).toBeCloseTo(0.99, 12);
    const last = seen(wall, { depth: 3, opacity: 0.989, grey: 0.6 });
    expect(last.opacity).toBeCloseTo(1 - 0.01 * 0.011, 12);
    expect(last.color).toBeCloseTo(0.99 + 0.01 * 0.989 * 0.6, 12);
  });

  test('before near are not seen', () => {
    expect(seen({ depth: -2, opacity: 0.9, grey: 1 }).opacity).toBe(0);
    expect(seen({ depth: 0, opacity: 0.9, grey: 1 }).opacity).toBe(0);
  });

  test('have the width of the projected ball and 0.3 pixels more, squared', () => {
    // A ball of standard deviation 1 at the depth 10 and a focal length of 50: 5 pixels.
    const view = camera({ width: 9, height: 1, focal: 50, center: [0.5, 0.5] });
    const { opacity } = gaussianSplats(onAxis([{ depth: 10, opacity: 0.8, grey: 1 }]), view);
    for (const x of [1, 3, 8]) {
      expect(opacity.at(0, x).item()).toBeCloseTo(0.8 * Math.exp((-x * x) / (2 * 25.3)), 12);
    }
  });

  test('let the background through', () => {
    const { image } = gaussianSplats(onAxis([{ depth: 3, opacity: 0.4, grey: 1 }]), pixel, {
      background: 2,
    });
    expect(image.item()).toBeCloseTo(0.4 + 0.6 * 2, 12);
  });
});

describe('pictures of splats', () => {
  const n = 5;
  const key = (i: number): Tensor => random.foldIn(random.key(8), i);
  const means = random.normal(key(0), [n, 3]).mul(0.6);
  const quaternions = random.normal(key(1), [n, 4]);
  const logScales = random.normal(key(2), [n, 3]).mul(0.3).sub(0.8);
  const opacityLogits = random.normal(key(3), [n]);
  const harmonics = random.normal(key(4), [n, 16, 3]).mul(0.3);
  const view = (eye: Tensor): Camera =>
    camera({ width: 7, height: 6, focal: 8, pose: lookAt(eye, [0, 0, 0]) });
  const weights = random.normal(random.key(2), [6, 7, 3]);
  const f = (m: Tensor, q: Tensor, s: Tensor, o: Tensor, h: Tensor, eye: Tensor): Tensor => {
    const { image, opacity } = gaussianSplats(
      { means: m, quaternions: q, logScales: s, opacityLogits: o, harmonics: h },
      view(eye),
    );
    return image.mul(weights).sum().add(opacity.square().sum());
  };
  const eye = tensor([0.3, 0.7, -4]);
  const args = [means, quaternions, logScales, opacityLogits, harmonics, eye] as const;

  test('have derivatives in every argument that agree with differences, of both orders', () => {
    checkGrads(f, [...args], { eps: 2 ** -15, rtol: 1e-5, order: 2 });
  });

  test('have the derivative of colors in the direction of sight', () => {
    // Only the eye moves, in such a way that everything else would stay: with constant colors nothing changes.
    const colors = (at: Tensor, h: Tensor): Tensor =>
      f(means, quaternions, logScales, opacityLogits, h, at);
    const flat = harmonics.mul(tensor([1, ...Array<number>(15).fill(0)]).reshape([1, 16, 1]));
    const step = tensor([0.4, -0.3, 0.2]);
    const h = 1e-5;
    const slopes = [harmonics, flat].map((c) => {
      const difference =
        (colors(eye.add(step.mul(h)), c).item() - colors(eye.sub(step.mul(h)), c).item()) / (2 * h);
      const found = grad((at: Tensor) => colors(at, c))(eye)
        .mul(step)
        .sum()
        .item();
      expect(Math.abs(found - difference)).toBeLessThan(1e-7 * Math.max(1, Math.abs(found)));
      return found;
    });
    expect(Math.abs((slopes[0] ?? 0) - (slopes[1] ?? 0))).toBeGreaterThan(1e-2);
  });

  test('are the same compiled and in batches', () => {
    const g = grad((m: Tensor) => f(m, quaternions, logScales, opacityLogits, harmonics, eye));
    const largest = (x: Tensor): number => x.abs().max().item();
    const exact = g(means);
    expect(largest(exact)).toBeGreaterThan(0.1);
    expect(largest(jit(g)(means).sub(exact))).toBeLessThan(1e-11);
    const batch = tensor([0, 0.01]).reshape([2, 1, 1]).add(means);
    expect(largest(vmap(g)(batch).at(0).sub(exact))).toBeLessThan(1e-11);
    const v = random.normal(random.key(5), [n, 3]);
    const product = hvp(
      (m: Tensor) => f(m, quaternions, logScales, opacityLogits, harmonics, eye),
      means,
      v,
    );
    expect(largest(product.sub(jvp(g, [means], [v])[1]))).toBeLessThan(1e-9);
  });

  test('are the sum over all balls at every pixel, in all tiles', () => {
    const [n, width, height, focal] = [12, 21, 19, 20];
    const at = random.uniform(key(5), [n, 3], { low: -1 }).mul(tensor([2, 2, 0.5]));
    const means = at.add(tensor([0, 0, 4]));
    const sizes = random.uniform(key(6), [n], { low: 0.1, high: 0.8 });
    const opacities = random.uniform(key(7), [n], { low: 0.3, high: 0.98 });
    const greys = random.uniform(key(8), [n]);
    const picture = (m: Tensor): Tensor => {
      const { image, opacity } = gaussianSplats(
        {
          means: m,
          quaternions: broadcastTo(tensor([1, 0, 0, 0]), [n, 4]),
          logScales: log(sizes).expandDims(1).add(m.mul(0)),
          opacityLogits: log(opacities.div(opacities.neg().add(1))),
          harmonics: greys.sub(0.5).div(0.28209479177387814).reshape([n, 1, 1]),
        },
        camera({ width, height, focal }),
      );
      return concatenate([image, opacity.expandDims(2)], { axis: 2 });
    };

    const rows = means.toArray() as number[][];
    const [s, o, c] = [sizes, opacities, greys].map((x) => x.toArray() as number[]);
    const balls = rows
      .map(([x = 0, y = 0, z = 1], i) => {
        const [u, v, scale] = [x / z, y / z, ((s?.[i] ?? 0) * focal) / z];
        const [xx, xy, yy] = [1 + u * u, u * v, 1 + v * v].map((value) => value * scale ** 2);
        return {
          u,
          v,
          z,
          cxx: (xx ?? 0) + 0.3,
          cxy: xy ?? 0,
          cyy: (yy ?? 0) + 0.3,
          o: o?.[i] ?? 0,
          c: c?.[i] ?? 0,
        };
      })
      .sort((a, b) => a.z - b.z);
    const expected = Array.from({ length: height }, (_, row) =>
      Array.from({ length: width }, (_, column) => {
        let [color, through] = [0, 1];
        for (const { u, v, cxx, cxy, cyy, o, c } of balls) {
          const dx = column + 0.5 - width / 2 - focal * u;
          const dy = row + 0.5 - height / 2 - focal * v;
          const q = (cyy * dx * dx - 2 * cxy * dx * dy + cxx * dy * dy) / (cxx * cyy - cxy * cxy);
          const alpha = o * Math.exp(-q / 2);
          if (alpha < 1 / 255) continue;
          if (through * (1 - alpha) <= 1e-4) break;
          color += through * alpha * c;
          through *= 1 - alpha;
        }
        return [color, 1 - through];
      }),
    );
    expect(allclose(picture(means), expected, { rtol: 1e-12, atol: 1e-14 })).toBe(true);
    const weights = random.normal(key(9), [height, width, 2]);
    checkGrads((m: Tensor) => picture(m).mul(weights).sum(), [means], { eps: 2 ** -20, order: 1 });
  });

  test('of many small balls need the memory of one tile at a time', () => {
    const [n, width] = [500, 64];
    const means = random.uniform(key(10), [n, 3], { low: -2, high: 2 }).add(tensor([0, 0, 6]));
    const g = jit(
      grad((m: Tensor) => {
        const balls = {
          means: m,
          quaternions: broadcastTo(tensor([1, 0, 0, 0]), [n, 4]),
          logScales: m.mul(0).sub(4),
          opacityLogits: zeros([n]),
          harmonics: zeros([n, 1, 1]),
        };
        return gaussianSplats(balls, camera({ width, focal: width })).image.sum();
      }),
    );
    const workspace = /out, ([\d.]+) (\w+) of workspace/.exec(explain(g, means));
    // A number for each pixel of each ball would be 16 MiB.
    expect(workspace?.[2] === 'KiB' || Number(workspace?.[1]) < 2).toBe(true);
  });

  test.each([
    [{ quaternions: [[1, 0, 0]] }, 'quaternions has shape [1, 3]; [1, 4] is needed'],
    [{ harmonics: [[[1], [1]]] }, 'there are 2 coefficients for each color'],
    [{ means: [[1, 0]] }, 'means has shape [1, 2]; [1, 3] is needed'],
  ])('refuse what makes no sense: %#', (change, message) => {
    const one = onAxis([{ depth: 1, opacity: 0.5, grey: 1 }]);
    expect(() => gaussianSplats({ ...one, ...change }, pixel)).toThrow(message);
  });
});
