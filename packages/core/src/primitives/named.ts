import { isLinear } from './cotangent.ts';
import { type CallablePrimitive, definePrimitive } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';

/** The operand, under a name that the policy of a checkpoint may ask for. */
export const named: CallablePrimitive<1, { name: string }> = definePrimitive({
  name: 'named',
  arity: 1,
  type: ([x], _: { name: string }) => x,
  linear: { in: [0], as: 'together' },
  transpose: (ct, [x]) => {
    if (isLinear(x)) x.add(ct);
  },
  vmap: ([x], _, params) => named(x, params),
  dependence: 'elementwise',
  lower: { kind: 'pull', cost: 'view', at: ([read], index) => read(index) },
});

/** What the laws hold `named` to. */
export const namedLaws: Laws = forLaws<1, { name: string }>(named, {
  reference: ([x]) => x.data.slice(),
  samples: () => [
    { title: 'a vector', operands: [{ shape: [3] }], params: { name: 'x' } },
    { title: 'one element', operands: [{ shape: [1] }], params: { name: 'x' } },
    { title: 'nothing', operands: [{ shape: [0] }], params: { name: 'x' } },
    { title: 'masks', operands: [{ shape: [5], dtype: 'bool' }], params: { name: 'x' } },
  ],
});
