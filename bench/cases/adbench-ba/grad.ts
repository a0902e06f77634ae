import { ba } from '../../../apps/gradbench/src/evals/ba.ts';
import { asJson, evaluating } from '../../src/peers/grad-eval.ts';
import { need, type Prepare } from '../../src/suite.ts';

/** Compared are the first 30 elements of rows, columns and values, and the last of each. */
export const prepare: Prepare = (inputs) => {
  const [n, m, p] = need(inputs, 'counts').data;
  return evaluating(ba['jacobian'], { ...asJson(inputs), n, m, p }, ['rows', 'cols', 'vals']);
};
