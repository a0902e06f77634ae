import { cond, grad, jit, scan, type Tensor, tensor, whileLoop } from '@grad/core';

// A savings plan: the balance after each year, at 3 % and a deposit that grows.
const deposits = tensor([100, 110, 120]);
const [end, balances] = scan(
  (balance, deposit) => {
    const next = balance.mul(1.03).add(deposit);
    return [next, next];
  },
  0,
  deposits,
);
console.log(`${balances}`); // → f64[3] [100, 213, 339.39]
console.log(end.item().toFixed(2)); // → 339.39

// How many years until it doubles, and what it is then: a loop of unknown length.
const doubled = (rate: Tensor): Tensor =>
  whileLoop(
    ({ value }) => value.lt(2),
    ({ value, years }) => ({ value: value.mul(rate.add(1)), years: years.add(1) }),
    { value: 1, years: tensor(0, { dtype: 'int32' }) },
  ).value;
console.log(doubled(tensor(0.07)).item().toFixed(4)); // → 2.1049
console.log(jit(grad(doubled))(0.07).item().toFixed(4)); // → 21.6387

// A branch of the compiled code: only the one that is chosen runs.
const tax = (income: Tensor): Tensor =>
  cond(
    income.gt(1000),
    (x: Tensor) => x.sub(1000).mul(0.4),
    () => tensor(0),
    income,
  );
console.log(grad(tax)(1500).item(), grad(tax)(500).item()); // → 0.4 0
