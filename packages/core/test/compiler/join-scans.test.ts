import {
  debug,
  explain,
  grad,
  hvp,
  jit,
  jvp,
  map,
  scan,
  type Tensor,
  tensor,
  whileLoop,
} from '@grad/core';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { joinScans } from '../../src/compiler/join-scans.ts';
import { simplify } from '../../src/compiler/simplify.ts';
import { newVar, type Program } from '../../src/program/program.ts';
import { verify } from '../../src/program/verify.ts';
import { tensorType } from '../../src/tensor/type.ts';
import { trace } from '../../src/trace/trace.ts';
import { expectAgreement } from './agree.ts';

const waves = (...shape: number[]): Tensor =>
  tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
  ).reshape(shape);

/** Logistic growth: x' = r x (1 - x), n times; and the sum of what comes. */
const grown =
  (n: number) =>
  (x: Tensor): Tensor => {
    const step = ([x, sum]: readonly [Tensor, Tensor]) =>
      [[x.mul(x.neg().add(1)).mul(3.7), sum.add(x.square().sum())] as const, null] as const;
    const [[, total]] = scan(step, [x, x.at(0).mul(0)] as const, null, { length: n });
    return total;
  };

const loops = (text: string): number => text.split('in order for').length - 1;
const workspace = (text: string): string => /out, (.*) of workspace/.exec(text)?.[1] ?? '';

describe('loops over what another loop collects', () => {
  it('are one loop in forward mode, in memory that does not grow with the steps', () => {
    const x = waves(20).mul(0.4).add(0.5);
    const both = (n: number) => (x: Tensor, v: Tensor) => jvp(grown(n), [x], [v]);
    const text = String(explain(both(30), x, x));
    expect(loops(text)).toBe(1);
    expect(workspace(String(explain(both(3000), x, x)))).toBe(workspace(text));
    const [value, tangent] = jit(both(9))(x, x);
    let [expected, moved] = [0, 0];
    for (const start of [...x.dataSync()].map(Number)) {
      let [s, ds] = [start, start];
      for (let i = 0; i < 9; i++) {
        expected += s * s;
        moved += 2 * s * ds;
        [s, ds] = [3.7 * s * (1 - s), 3.7 * (1 - 2 * s) * ds];
      }
    }
    expect(value.item()).toBeCloseTo(expected, 10);
    expect(Math.abs(tangent.item() - moved)).toBeLessThan(1e-12 * Math.abs(moved));
  });

  it('are one loop each way in a product with a Hessian', () => {
    const x = waves(20).mul(0.4).add(0.5);
    const product = (x: Tensor, v: Tensor): Tensor => hvp(grown(6), x, v);
    expect(loops(String(explain(product, x, x)))).toBe(2);
    const h = 1e-6;
    const slope = jit(grad(grown(6)));
    const difference = slope(x.mul(1 + h))
      .sub(slope(x.mul(1 - h)))
      .div(2 * h);
    const error = jit(product)(x, x).sub(difference).abs().max().item();
    expect(error).toBeLessThan(1e-6 * difference.abs().max().item());
  });

  const double = (x: Tensor): Tensor => x.mul(2).add(1);
  const xs = waves(7, 3);
  const elements = [...xs.dataSync()].map(Number);

  it('are one loop where both do the same', () => {
    const twice = (xs: Tensor): Tensor => map(double, map(double, xs));
    expect(loops(String(explain(twice, xs)))).toBeLessThanOrEqual(1);
    expect([...jit(twice)(xs).dataSync()]).toEqual(elements.map((x) => (x * 2 + 1) * 2 + 1));
  });

  it('are one loop where they have one body', () => {
    const { program } = trace([xs.type], (xs) => (xs ? [map(double, xs)] : []), { name: 'map' });
    const [first] = program.equations.filter(({ operation }) => operation.step === 'scan');
    const [result] = first?.outputs ?? [];
    if (!first || !result) throw new Error('there is no scan');
    const second = newVar(result.type);
    const inputs = first.inputs.map((input) => (input === program.inputs[0] ? result : input));
    const twice = {
      inputs: program.inputs,
      equations: [...program.equations, { ...first, inputs, outputs: [second] }],
      outputs: [second],
    };
    expect(verify(joinScans(twice)).equations.length).toBe(program.equations.length);
    expectAgreement(twice);
  });

  const sums = (xs: Tensor, reverse = false): [Tensor, Tensor] => {
    const step = (sum: Tensor, x: Tensor): [Tensor, Tensor] => [sum.add(x), sum.add(x)];
    return scan(step, waves(3).mul(0), xs, { reverse });
  };
  const runningSums = (values: number[][]): number[][] => {
    const sum = [0, 0, 0];
    return values.map((row) => row.map((x, i) => (sum[i] = (sum[i] ?? 0) + x)));
  };
  const rows = elements.reduce<number[][]>((all, x, i) => {
    if (i % 3 === 0) all.push([]);
    all.at(-1)?.push(x);
    return all;
  }, []);

  it('stay apart where the second needs the end of the first', () => {
    const f = (xs: Tensor): Tensor => {
      const [last, all] = sums(xs);
      return map((x) => x.div(last), all);
    };
    const all = runningSums(rows);
    const expected = all.map((row) => row.map((x, i) => x / (all.at(-1)?.[i] ?? 0)));
    expect(jit(f)(xs).toArray()).toEqual(expected);
  });

  it('stay apart where they go opposite ways', () => {
    const f = (xs: Tensor): Tensor => sums(sums(xs)[1], true)[1];
    expect(loops(String(explain(f, xs)))).toBe(2);
    const expected = runningSums(runningSums(rows).reverse()).reverse();
    expect(jit(f)(xs).toArray()).toEqual(expected);
  });

  it('may give what they collect as well, and what follows from the first comes after', () => {
    const f = (xs: Tensor): Tensor[] => {
      const [last, all] = sums(xs);
      const scaled = last.exp();
      return [all, scaled, ...sums(all)];
    };
    expect(loops(String(explain(f, xs)))).toBe(1);
    const all = runningSums(rows);
    const again = runningSums(all);
    expect(jit(f)(xs).map((t) => t.toArray())).toEqual([
      all,
      jit((x: Tensor) => x.exp())(tensor(all.at(-1) ?? [])).toArray(),
      again.at(-1),
      again,
    ]);
  });

  it('print in order what each prints', () => {
    const printed: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((line) => printed.push(line));
    const loud = (name: string) => (x: Tensor) => {
      debug.print(`${name} {}`, x.gt(0));
      return x.mul(2);
    };
    jit((x: Tensor) => map(loud('second'), map(loud('first'), x)))(tensor([1, -1]));
    log.mockRestore();
    expect(printed).toEqual(['first true', 'first false', 'second true', 'second false']);
  });

  it('are joined where the number of steps is known only then', () => {
    const halved = (x: Tensor): Tensor =>
      whileLoop(
        (x: Tensor) => x.gt(1),
        (x: Tensor) => x.mul(x).div(x.add(2)),
        x,
      );
    const slope = (x: Tensor): Tensor => jvp(halved, [x], [tensor(1)])[1];
    const second = jit((x: Tensor) => jvp(slope, [x], [tensor(1)])[1]);
    const h = 1e-4;
    const at = (x: number): number => jit(slope)(tensor(x)).item();
    expect(second(tensor(5)).item()).toBeCloseTo((at(5 + h) - at(5 - h)) / (2 * h), 6);
  });

  /** Random straight lines of scans over the elements or the results of those before. */
  const randomScans: fc.Arbitrary<Program> = fc
    .array(fc.tuple(fc.nat(3), fc.nat(), fc.nat(), fc.boolean()), { minLength: 2, maxLength: 9 })
    .map(
      (choices) =>
        trace(
          [tensorType('float64', [5, 2]), tensorType('float64', [2])],
          (xs, start) => {
            if (!xs || !start) return [];
            const [arrays, states] = [[xs], [start]];
            for (const [kind, first, second, reverse] of choices) {
              const x = arrays.at(-1 - (first % Math.min(2, arrays.length))) ?? xs;
              const state = states[second % states.length] ?? start;
              const other = arrays[second % arrays.length] ?? xs;
              if (kind === 3) states.push(state.mul(x.at(second % 5)).tanh());
              const [end, all] = scan(
                (s: Tensor, [x, y]: readonly [Tensor, Tensor]): [Tensor, Tensor] => {
                  const next = s.mul(0.5).add(x).tanh();
                  return [next, kind === 0 ? next.mul(y) : kind === 1 ? x.add(y) : s.mul(x)];
                },
                state,
                [x, other] as const,
                { reverse: reverse && first % 3 === 0 },
              );
              arrays.push(all);
              if (second % 2 === 0) states.push(end);
            }
            return [...arrays.slice(-2), ...states.slice(-2)];
          },
          { name: 'scans' },
        ).program,
    );

  it('agree with the reference in random Programs', () => {
    let joined = 0;
    const scans = ({ equations }: Program): number =>
      equations.filter(({ operation }) => operation.step === 'scan').length;
    fc.assert(
      fc.property(randomScans, (program) => {
        const other = joinScans(program);
        verify(other, 'joinScans');
        verify(simplify(program, { check: verify }));
        joined += scans(program) - scans(other);
        expectAgreement(program);
      }),
      { numRuns: 150, seed: 20261126 },
    );
    expect(joined).toBeGreaterThan(100);
  });
});
