import { ht } from '../../../apps/gradbench/src/evals/ht.ts';
import { asJson, evaluating } from '../../src/peers/grad-eval.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs) => {
  const { theta, us = [], points, correspondences, ...model } = asJson(inputs);
  const data = { model: { ...model, is_mirrored: false }, points, correspondences };
  return evaluating(ht['jacobian'], { theta, us, data });
};
