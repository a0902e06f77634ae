/** Public functions that no misuse is tried on, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  closureConvert:
    'takes functions of any result; test/transforms/closure-convert.test.ts gives it none',
  definePrimitive: 'takes rules, whose mistakes test/primitives/define.test.ts makes',
  fixed: 'takes anything',
  isConcrete: 'takes anything',
  isLinear: 'takes anything',
  isTensor: 'takes anything',
  'debug.print': 'prints anything',
  threads: 'takes nothing',
};
