/** `node compile-adbench.ts PROGRAM CASE`: what preparing it takes beyond preparing it again. */

import type { Case, Prepare } from '../src/suite.ts';

const [program, name] = process.argv.slice(2);
const { cases }: { readonly cases: readonly Case[] } = await import(`../cases/${program}/case.ts`);
const { prepare }: { readonly prepare: Prepare } = await import(`../cases/${program}/grad.ts`);
const its = cases.find((one) => one.name === name);
if (!its) throw new Error(`No case of ${program} is called ${name}.`);
const inputs = its.inputs();
const once = async (): Promise<number> => {
  const start = performance.now();
  await prepare(inputs, { ...its.options }, { file: '', arrays: [] });
  return performance.now() - start;
};
const first = await once();
console.log(first - (await once()));
