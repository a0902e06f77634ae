import { concatenate, eye, grad, jit, linalg, random, type Tensor, tensor, vmap } from '@grad/core';
import { checkGrads } from '@grad/core/testing';
import {
  axisAngle,
  camera,
  cameraRays,
  lookAt,
  project,
  quaternionRotation,
  rotationAngle,
} from '@grad/render';
import { describe, expect, test } from 'vitest';

const largest = (x: Tensor): number => x.abs().max().item();

describe('a camera', () => {
  test('sees points where a pinhole does', () => {
    const { pixels, depth } = project(
      [[0.5, -0.25, 2]],
      camera({ width: 8, height: 4, focal: 10 }),
    );
    expect(pixels.toArray()).toEqual([[4 + 10 * 0.25, 2 - 10 * 0.125]]);
    expect(depth.toArray()).toEqual([2]);
  });

  test('has the angle of view that it was given, across or down', () => {
    expect(
      camera({ width: 123, height: 82, fovX: Math.PI / 2 })
        .focal.at(0)
        .item(),
    ).toBeCloseTo(61.5, 12);
    expect(
      camera({ width: 123, height: 82, fovY: Math.PI / 2 })
        .focal.at(1)
        .item(),
    ).toBeCloseTo(41, 12);
  });

  test('sends rays that come back to the middles of their pixels', () => {
    const seen = camera({
      width: 5,
      height: 3,
      focal: [4, 6],
      center: [2, 1.7],
      pose: lookAt([1, 2, 3], [0, 0.5, 0]),
    });
    const { origins, directions } = cameraRays(seen);
    const { pixels } = project(origins.add(directions.mul(2.5)), seen);
    expect(largest(pixels.at(1, 3).sub([3.5, 1.5]))).toBeLessThan(1e-13);
    expect(largest(directions.square().sum({ axis: -1 }).sub(1))).toBeLessThan(1e-14);
  });

  test('that looks at a target has it in the middle, and up is up', () => {
    const pose = lookAt([1, 2, 3], [0.2, 0.5, -1], [0, 1, 0]);
    const seen = camera({ width: 10, height: 10, focal: 7, pose });
    const { pixels } = project(
      [
        [0.2, 0.5, -1],
        [0.2, 0.7, -1],
      ],
      seen,
    );
    expect(largest(pixels.at(0).sub([5, 5]))).toBeLessThan(1e-13);
    expect(pixels.at(1, 1).item()).toBeLessThan(5);
    expect(pixels.at(1, 0).item()).toBeCloseTo(5, 12);
    expect(linalg.det(pose.rotation).item()).toBeCloseTo(1, 14);
  });

  test('has derivatives in eye, target, focal length and center, compiled and in batches', () => {
    const f = (eyeAt: Tensor, target: Tensor, focal: Tensor, center: Tensor): Tensor =>
      project(
        [
          [0.3, 0.2, 0.1],
          [-0.4, 0.5, 0.3],
        ],
        camera({ width: 8, focal, center, pose: lookAt(eyeAt, target) }),
      ).pixels;
    const args = [tensor([1, 2, 3]), tensor([0, 0.1, 0]), tensor(9), tensor([4, 4])] as const;
    checkGrads(f, [...args]);
    const g = grad((at: Tensor) => f(at, args[1], args[2], args[3]).sum());
    const batch = tensor([
      [1, 2, 3],
      [2, 1, -3],
    ]);
    expect(
      largest(
        jit(vmap(g))(batch)
          .at(1)
          .sub(g(batch.at(1))),
      ),
    ).toBeLessThan(1e-12);
  });

  test.each([
    [() => camera({ width: 8 }), '0 of focal, fovX and fovY are given'],
    [() => camera({ width: 8, focal: 1, fovX: 1 }), '2 of focal, fovX and fovY are given'],
    [() => camera({ width: 0, focal: 1 }), 'width is 0; give a whole number of 1 or more'],
    [() => camera({ width: 2, focal: -1 }), 'the focal length is -1; give one above 0'],
    [() => camera({ width: 2, fovX: 3.2 }), 'the angle of view is 3.2; give radians between'],
    [() => camera({ width: 2, focal: 1, near: 0 }), 'near is 0; give a depth above 0'],
    [() => camera({ width: 2, focal: [1, 2, 3] }), 'focal has shape [3]; [2] is needed'],
    [() => lookAt([0, 0, 0], [0, 0, 0]), 'the eye is at the target'],
    [() => lookAt([0, 0, 0], [0, 3, 0]), 'up is along the line of sight'],
    [() => lookAt([0, 0], [0, 3, 0]), 'the eye has shape [2]; [3] is needed'],
  ])('refuses what makes no sense: %#', (make, message) => {
    expect(make).toThrow(message);
  });

  test('refuses options that do not exist', () => {
    const options = { width: 2, focal: 1, fov: 2 };
    expect(() => camera(options)).toThrow("there is no option 'fov'");
  });
});

describe('rotations', () => {
  test('by an axis and an angle turn as the right hand says', () => {
    const quarter = axisAngle([0, 0, Math.PI / 2]);
    expect(largest(quarter.matmul(tensor([1, 0, 0])).sub([0, 1, 0]))).toBeLessThan(1e-15);
  });

  test('are exponentials of cross products', () => {
    const cross = tensor([
      [0, -0.5, 0.2],
      [0.5, 0, -0.3],
      [-0.2, 0.3, 0],
    ]);
    for (const size of [1, 0.0015]) {
      const turned = axisAngle(tensor([0.3, 0.2, 0.5]).mul(size));
      expect(largest(turned.sub(linalg.expm(cross.mul(size))))).toBeLessThan(1e-15);
    }
  });

  test('have all derivatives at no turn, and on both sides of the change to series', () => {
    const weights = random.normal(random.key(1), [3, 3]);
    const f = (v: Tensor): Tensor => axisAngle(v).mul(weights).sum();
    checkGrads(f, [tensor([0, 0, 0])]);
    checkGrads(f, [tensor([0.4, -1.2, 0.7])]);
    const [below, above] = [tensor([0.000999, 0, 0]), tensor([0.001001, 0, 0])];
    expect(largest(axisAngle(above).sub(axisAngle(below)))).toBeLessThan(2.1e-6);
    expect(largest(axisAngle([0, 0, 0]).sub(eye(3)))).toBe(0);
  });

  test('of quaternions are those of axis and angle', () => {
    const axis = tensor([1, 2, -2]).div(3);
    const q = concatenate([tensor([Math.cos(0.4)]), axis.mul(Math.sin(0.4))]);
    const turned = axisAngle(axis.mul(0.8));
    expect(largest(quaternionRotation(q).sub(turned))).toBeLessThan(1e-15);
    expect(largest(quaternionRotation(q.mul(-7)).sub(turned))).toBeLessThan(1e-15);
    checkGrads(quaternionRotation, [random.normal(random.key(2), [2, 4])]);
  });

  test('differ by the angle of the turn between them', () => {
    const turned = axisAngle([0.2, 0.5, -0.1]);
    expect(rotationAngle(turned, turned.matmul(axisAngle([0, 1e-7, 0]))).item()).toBeCloseTo(
      1e-7,
      12,
    );
    expect(rotationAngle(axisAngle([0, 3, 0]), eye(3)).item()).toBeCloseTo(3, 12);
  });
});
