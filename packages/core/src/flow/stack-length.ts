import { defineOperation, type Primitive } from '../primitives/define.ts';
import { tensorType, type ValueType } from '../tensor/type.ts';
import { bind } from '../trace/trace.ts';

/** How many elements a stack has, as an int32 scalar. The entries of a batch share them. */
export const stackLength: Primitive = defineOperation({
  name: 'stackLength',
  step: 'length',
  typeOf: (_: readonly ValueType[]) => [tensorType('int32', [])],
  linearizeAll: (operands) => ({
    outputs: bind(stackLength, operands),
    active: [false],
    pushforward: () => [null],
  }),
  vmap: (operands) => ({ outputs: bind(stackLength, operands), batched: [false] }),
});
