import { type Data, grad, jit, ones, type Tensor, take, tensor, vmap, zeros } from '@grad/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WasmExecutor } from '../../src/runtime/wasm-executor.ts';
import { type Executor, setExecutor } from '../../src/trace/executor.ts';

const size = 20_000;
const bytes = 8 * size;
/** Room for the workspace of a call. */
const work = 2 ** 16;

function total(data: Data): number {
  let sum = 0;
  for (const value of data) sum += value;
  return sum;
}

let before: Executor | undefined;
let executor = new WasmExecutor();

beforeEach(() => {
  executor = new WasmExecutor({ residentBytes: 10 * bytes });
  before = setExecutor(executor);
});

afterEach(() => {
  if (before) setExecutor(before);
});

describe('dispose', () => {
  it('frees the memory of a tensor at once', () => {
    const x = ones([size]);
    const y = x.add(x);
    const used = executor.bytesInUse;
    y.dispose();
    expect(used - executor.bytesInUse).toBe(bytes);
    x[Symbol.dispose]();
    expect(executor.bytesInUse).toBe(work);
    x.dispose();
  });

  it('makes a later use an error that names the operation and the tensor', () => {
    for (const x of [tensor([1, 2, 3]), ones([size]).mul(2)]) {
      const { shape } = x;
      x.dispose();
      expect(x.shape).toEqual(shape);
      expect(() => x.add(1)).toThrow(ReferenceError);
      const what = `the tensor (float64 of shape [${shape.join(', ')}]) was disposed. Call dispose() after the last use.`;
      expect(() => x.add(1)).toThrow(`add: ${what}`);
      expect(() => x.toArray()).toThrow(`toArray: ${what}`);
      expect(() => x.dataSync()).toThrow(`dataSync: ${what}`);
      expect(() => x.read((data) => data.length)).toThrow(`read: ${what}`);
      expect(() => jit((y: Tensor) => y.mul(2).exp())(x)).toThrow(what);
      expect(() => grad((y: Tensor) => y.mul(x).sum())(ones(shape))).toThrow(what);
      expect(String(x)).toBe(`f64[${shape.join(',')}]`);
    }
    const scalar = tensor(3);
    scalar.dispose();
    expect(() => scalar.item()).toThrow(
      'item: the tensor (float64 of shape [] (a scalar)) was disposed',
    );
  });

  it('of what a compiled function closes over makes its next call an error', () => {
    const table = ones([size]);
    const f = jit((x: Tensor) => x.mul(table).sum());
    expect(f(2).item()).toBe(2 * size);
    table.dispose();
    expect(() => f(2)).toThrow('was disposed');
  });

  it('does nothing to values inside transforms', () => {
    const f = (x: Tensor): Tensor => {
      const y = x.mul(x);
      const z = y.sum();
      y.dispose();
      x.dispose();
      return z;
    };
    const x = tensor([1, 2]);
    expect(jit(f)(x).item()).toBe(5);
    expect(grad(f)(x).toArray()).toEqual([2, 4]);
    expect(
      vmap(f)(
        tensor([
          [1, 2],
          [0, 3],
        ]),
      ).toArray(),
    ).toEqual([5, 9]);
    expect(x.toArray()).toEqual([1, 2]);
  });
});

describe('read', () => {
  it('lends the elements where they are, without a copy', () => {
    const x = ones([size]).mul(3);
    const [first, second] = [x.read((data) => data), x.read((data) => data)];
    expect(first.buffer).toBe(second.buffer);
    expect(first.byteOffset).toBe(second.byteOffset);
    expect(x.read(total)).toBe(3 * size);
  });

  it('keeps the elements in place while other tensors push them out', () => {
    const x = ones([size]).mul(3);
    for (let i = 0; i < 20; i++) ones([size]).mul(i);
    const y = ones([size]).mul(4);
    const sum = y.read((data) => {
      for (let i = 0; i < 12; i++) x.mul(i);
      return total(data);
    });
    expect(sum).toBe(4 * size);
    expect(x.at(5).item()).toBe(3);
  });

  it('throws when memory has grown meanwhile, and what it lent is gone', () => {
    const x = ones([size]).mul(3);
    expect(() =>
      x.read((data) => {
        zeros([100 * size]).add(1);
        return data[0];
      }),
    ).toThrow('read: memory had to grow and took away the array that was lent.');
    expect(x.read((data) => data[0])).toBe(3);
  });

  it('lets a tensor be disposed inside, and frees it after', () => {
    const x = ones([size]).mul(3);
    for (let i = 0; i < 20; i++) ones([size]).mul(i);
    x.add(1).dispose();
    const used = executor.bytesInUse;
    const seen = x.read((data) => {
      x.dispose();
      ones([size]).mul(7).dispose();
      return data[1];
    });
    expect(seen).toBe(3);
    expect(executor.bytesInUse).toBeLessThan(used);
  });

  it('pins until it throws, too', () => {
    const x = ones([size]).mul(3);
    expect(() =>
      x.read(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    const used = executor.bytesInUse;
    x.dispose();
    expect(used - executor.bytesInUse).toBe(bytes);
  });
});

describe('donated arguments', () => {
  const step = (state: { x: Tensor; n: Tensor }, rate: Tensor) => ({
    x: state.x.sub(state.x.mul(rate)),
    n: state.n.add(1),
  });

  it('are freed by the call, so that a loop needs the memory of two states', () => {
    const f = jit(step, { donate: [0] });
    let state = { x: ones([size]), n: tensor(0) };
    let most = 0;
    for (let i = 0; i < 30; i++) {
      state = f(state, 0.5);
      most = Math.max(most, executor.bytesInUse);
    }
    expect(state.n.item()).toBe(30);
    expect(state.x.at(7).item()).toBe(2 ** -30);
    expect(most).toBe(bytes + work);
  });

  it('are gone for the caller, and the error says why', () => {
    const f = jit(step, { donate: [0] });
    const state = { x: ones([size]), n: tensor(0) };
    const rate = tensor(0.5);
    f(state, rate);
    const why = 'was given away by jit({ donate }): use the result instead, or do not donate it.';
    expect(() => state.x.sum()).toThrow(ReferenceError);
    expect(() => state.x.sum()).toThrow(`(float64 of shape [${size}]) ${why}`);
    expect(() => f(state, rate)).toThrow(why);
    expect(rate.item()).toBe(0.5);
  });

  it('stay when the call fails', () => {
    const f = jit((x: Tensor, i: Tensor) => take(x, i).add(x.sum()), { donate: [0, 1] });
    const x = ones([size]);
    const i = tensor(size, { dtype: 'int32' });
    expect(() => f(x, i)).toThrow('out of range');
    expect([x.at(0).item(), i.item()]).toEqual([1, size]);
  });

  it('stay when the call is part of a function that is being recorded', () => {
    const f = jit((x: Tensor, y: Tensor) => x.mul(y).sum(), { donate: [0, 1] });
    const y = ones([3]);
    expect(grad((x: Tensor) => f(x, y))(tensor([1, 2, 3])).toArray()).toEqual([1, 1, 1]);
    expect(y.toArray()).toEqual([1, 1, 1]);
  });

  it('may be given twice in one call', () => {
    const f = jit((x: Tensor, y: Tensor) => x.mul(y), { donate: [0] });
    const x = tensor([1, 2, 3]);
    expect(f(x, x).toArray()).toEqual([1, 4, 9]);
    expect(() => x.sum()).toThrow('given away');
  });
});
