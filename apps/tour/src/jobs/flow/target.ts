import { concatenate, random, type Tensor, take, tensor } from '@grad/core';

/** Distributions to learn. */
export const targetNames = ['gaussians', 'moons'] as const;
export type TargetName = (typeof targetNames)[number];

const spread = 0.25;

/** Random points of a distribution: shape [count, 2]. */
export function drawTarget(name: TargetName, key: Tensor, count: number): Tensor {
  const [chosen, noise] = [random.foldIn(key, 1), random.foldIn(key, 2)];
  if (name === 'gaussians') {
    const centers = Array.from({ length: 8 }, (_, k) => {
      const angle = (Math.PI / 4) * k;
      return [2 * Math.cos(angle), 2 * Math.sin(angle)];
    });
    const places = take(tensor(centers), random.randint(chosen, 0, 8, [count]));
    return places.add(random.normal(noise, [count, 2]).mul(spread));
  }
  const angle = random.uniform(chosen, [count, 1], { high: 2 * Math.PI });
  const isUpper = angle.lt(Math.PI).astype('float64');
  const x = angle.cos().mul(1.5).add(isUpper.mul(1.5)).sub(0.75);
  const y = angle.sin().mul(1.5).sub(isUpper.mul(0.75)).add(0.375);
  return concatenate([x, y], { axis: 1 }).add(random.normal(noise, [count, 2]).mul(0.1));
}

/**
 * The entropy of the eight normal distributions, if they did not overlap: no flow can have a smaller mean of
 * -ln(density), but for the chance of the sample.
 */
export const gaussiansEntropy = Math.log(8) + Math.log(2 * Math.PI * Math.E * spread ** 2);
