import { type CallablePrimitive, definePrimitive } from './define.ts';
import { forLaws, type Laws } from './for-laws.ts';

/** The operand, whose derivative counts as zero. */
export const stopped: CallablePrimitive<1, object> = definePrimitive({
  name: 'stopGradient',
  arity: 1,
  type: ([x]) => x,
  linearize: ([x]) => [stopped(x), null],
  vmap: ([x]) => stopped(x),
  lower: { kind: 'pull', cost: 'view', at: ([read], index) => read(index) },
});

/** What the laws hold `stopped` to. */
export const stoppedLaws: Laws = forLaws<1, object>(stopped, {
  reference: ([x]) => x.data.slice(),
  samples: () => [
    { title: 'a vector', operands: [{ shape: [3] }], params: {} },
    { title: 'one element', operands: [{ shape: [1] }], params: {} },
    { title: 'nothing', operands: [{ shape: [0] }], params: {} },
  ],
});
