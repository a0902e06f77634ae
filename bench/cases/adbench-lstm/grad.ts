import { lstm } from '../../../apps/gradbench/src/evals/lstm.ts';
import { asJson, evaluating } from '../../src/peers/grad-eval.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, { of = 'jacobian' }) =>
  evaluating(lstm[`${of}`], asJson(inputs));
