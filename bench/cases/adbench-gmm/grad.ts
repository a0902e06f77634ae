import { gmm } from '../../../apps/gradbench/src/evals/gmm.ts';
import { asJson, evaluating } from '../../src/peers/grad-eval.ts';
import { need, type Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, { of = 'jacobian' }) => {
  const [k = 0, d = 0] = need(inputs, 'mu').shape;
  const [n = 0] = need(inputs, 'x').shape;
  const input = { ...asJson(inputs), d, k, n };
  return evaluating(gmm[`${of}`], input, ['alpha', 'mu', 'q', 'l']);
};
