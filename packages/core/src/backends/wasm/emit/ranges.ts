import type { Code } from '../encode/code.ts';

/** A constant, or the content of a local. */
export type Int = number | { readonly local: number };

/** From one number up to another, without it. */
export interface Range {
  readonly from: Int;
  readonly to: Int;
}

export function pushInt(code: Code, value: Int): void {
  if (typeof value === 'number') code.i32(value);
  else code.get(value.local);
}

/** Leaves the lesser of two values, neither negative, on the stack. */
export function pushLesser(code: Code, a: Int, b: Int): void {
  for (const value of [a, b, a, b]) pushInt(code, value);
  code.op('i32.lt_u');
  code.op('select');
}

/** Runs `body` with a local that goes through a range. */
export function printRange(
  code: Code,
  { local }: { readonly local: number },
  { from, to }: Range,
  step: number,
  body: () => void,
): void {
  pushInt(code, from);
  code.set(local);
  code.block(() =>
    code.loop(() => {
      code.get(local);
      pushInt(code, to);
      code.op('i32.ge_u');
      code.brIf(1);
      body();
      code.get(local);
      code.i32(step);
      code.op('i32.add');
      code.set(local);
      code.br(0);
    }),
  );
}

/** Runs `body` for parts of a range, whose bounds are in locals. */
export function printParts(
  code: Code,
  part: { readonly from: { readonly local: number }; readonly to: { readonly local: number } },
  whole: Range,
  size: number,
  body: () => void,
): void {
  printRange(code, part.from, whole, size, () => {
    code.get(part.from.local);
    code.i32(size);
    code.op('i32.add');
    code.set(part.to.local);
    pushLesser(code, part.to, whole.to);
    code.set(part.to.local);
    body();
  });
}
