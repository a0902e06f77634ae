import { expect, onTestFinished, test, vi } from 'vitest';
import { FunctionEmitter } from '../../src/backends/wasm/emit/function.ts';
import { ModuleParts } from '../../src/backends/wasm/emit/parts.ts';
import { LaneOps } from '../../src/kernel/lane/ops.ts';

/** How often maps are asked while a value is printed that is a chain of so many. */
function lookUps(length: number): number {
  const parts = new ModuleParts();
  const emitter = new FunctionEmitter(parts, parts.module.function(['f64'], []));
  const ops = new LaneOps(emitter.graph, 1);
  const x = emitter.graph.node('local', 'f64', 1, [], { number: 0 });
  let y = x;
  for (let i = 0; i < length; i++) y = ops.add(y, ops.mul(x, ops.f64(i)));
  emitter.announce([y]);
  const get = vi.spyOn(Map.prototype, 'get');
  onTestFinished(() => get.mockRestore());
  emitter.push(y);
  const calls = get.mock.calls.length;
  get.mockRestore();
  return calls;
}

test('the parts of a deep value are looked at a few times each', () => {
  expect(lookUps(640) / 640).toBeLessThan(20);
  expect(lookUps(6400) / 6400).toBeLessThan(20);
});
