import { operation } from '../../src/peers/onnx-model.ts';
import type { Prepare } from '../../src/suite.ts';

export const prepare: Prepare = (inputs, { variant }) =>
  variant === 'AB' ? operation('MatMul', inputs, ['x', 'y']) : null;
