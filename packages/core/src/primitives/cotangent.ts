import type { Tensor } from '../tensor/tensor.ts';
import type { TensorType, ValueType } from '../tensor/type.ts';
import { add } from './arithmetic.ts';
import { zeros } from './create.ts';

let sumOf = (_: ValueType, a: Tensor, b: Tensor): Tensor => add(a, b);

/** Says how values of any type are added: loops, which make stacks, know it. */
export function setSum(sum: typeof sumOf): void {
  sumOf = sum;
}

/**
 * Where the pull-backs of all uses of one value are summed. It starts as a symbolic zero; `add`
 * adds a whole cotangent, `accumulate` updates the sum in place (a scatter, for instance), so that
 * the adjoint of a gather from a large array touches only the elements that were read.
 */
export class Cotangent {
  /** Type of the value, and of its cotangent. */
  readonly type: ValueType;
  #sum: Tensor | null;

  constructor(type: ValueType, start: Tensor | null = null) {
    this.type = type;
    this.#sum = start;
  }

  /** Adds a cotangent of the type of the value. */
  add(term: Tensor): void {
    this.#sum = this.#sum === null ? term : sumOf(this.type, this.#sum, term);
  }

  /** Replaces the sum by its update. */
  accumulate(update: (sum: Tensor) => Tensor): void {
    this.replace(update(this.#sum ?? zeros(this.dense())));
  }

  /** Replaces the sum by one that goes on from it. */
  replace(sum: Tensor): void {
    this.#sum = sum;
  }

  /** The sum, or null when nothing was added. */
  get(): Tensor | null {
    return this.#sum;
  }

  /** The type of the value. Throws a TypeError when it is a stack. */
  dense(): TensorType {
    if (this.type.kind === 'tensor') return this.type;
    throw new TypeError('A stack has no dense cotangent.');
  }
}

/** Whether an operand of a transpose rule is the one to be pulled back to. */
export function isLinear(operand: Tensor | Cotangent): operand is Cotangent {
  return operand instanceof Cotangent;
}
