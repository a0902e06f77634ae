import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';

/**
 * The operand under another name: what is computed from it is not merged with what is computed
 * from the operand itself, and so is computed again where it is needed.
 */
export const barrier: CallablePrimitive<1, object> = definePrimitive({
  name: 'barrier',
  arity: 1,
  type: ([x]) => x,
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x]) => {
    if (isLinear(x)) x.add(ct);
  },
  vmap: ([x]) => barrier(x),
  dependence: 'elementwise',
  lower: { kind: 'pull', cost: 'view', at: ([read], index) => read(index) },
});

/** What the laws hold `barrier` to. */
export const barrierLaws: Laws = forLaws<1, object>(barrier, {
  reference: ([x]) => x.data.slice(),
  samples: () => [
    { title: 'a vector', operands: [{ shape: [3] }], params: {} },
    { title: 'one element', operands: [{ shape: [1] }], params: {} },
    { title: 'nothing', operands: [{ shape: [0] }], params: {} },
    { title: 'masks', operands: [{ shape: [5], dtype: 'bool' }], params: {} },
  ],
});
