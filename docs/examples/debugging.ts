import {
  callback,
  debug,
  explain,
  grad,
  jit,
  log,
  NaNError,
  program,
  scan,
  setDebug,
  type Tensor,
  take,
  tensor,
} from '@grad/core';

// What a function is, and what becomes of it.
const f = (x: Tensor): Tensor => log(x.mul(x)).sum();
console.log(String(program(f)(tensor([1, 2]))));
// → (a: f64[2]) => {
// →   b: f64[2] = mul a a
// →   c: f64[2] = log b
// →   d: f64[] = sum[axes=[0]] c
// →   return d
// → }
console.log(explain(f, tensor([1, 2])).split('\n')[0]);
// → 1 kernel, 16 B in, 8 B out, 0 B of workspace

// Values from inside a compiled loop, and from its derivative, once for each step.
const before = setDebug({ print: (line) => console.log(line) });
const total = jit((x: Tensor): Tensor => {
  const [sum] = scan(
    (c: Tensor, xi: Tensor) => {
      debug.print('{} so far, then {}', c, xi);
      return [c.add(xi), null];
    },
    0,
    x,
  );
  return sum;
});
console.log(grad(total)(tensor([1, 2])).toArray());
// → 0 so far, then 1
// → 1 so far, then 2
// → [ 1, 1 ]

// The first NaN: which operation made it, of what, in which step.
setDebug({ nans: true });
try {
  jit((x: Tensor) => scan((c: Tensor, xi: Tensor) => [c.add(log(xi)), null], 0, x)[0])(
    tensor([1, -2, 3]),
  );
} catch (error) {
  if (!(error instanceof NaNError)) throw error;
  for (const line of error.message.split('\n').slice(0, -1)) console.log(line);
}
// → log: the result is NaN where no operand is.
// →   operand 0: f64[] -2
// →   result: f64[] NaN, a scalar
// →   in step 1 of scan
setDebug(before);

// An error of compiled code ends in the line that asked for the operation.
try {
  jit((i: Tensor) => take(tensor([1, 2, 3]), i))(tensor([7], { dtype: 'int32' }));
} catch (error) {
  console.log(String(error).replace(/ \(at .*/, ''));
}
// → IndexError: take: index 7 is out of range for an axis of extent 3; indices run from 0 to 2. Clip the index, or select where it is valid.

// JavaScript in the middle of compiled code.
const words = ['zero', 'one', 'two'];
const length = (i: Tensor): number => words[i.item()]?.length ?? 0;
const lengths = jit((i: Tensor) => callback(length, { shape: [], dtype: 'float64' }, i).mul(2));
console.log(lengths(2).item()); // → 6
