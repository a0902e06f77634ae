import { compositions, examine, measures } from '@grad/compositions';
import type { Area } from '../line.ts';
import { atMostRow, plainRow } from '../rows.ts';

/** Plugins inside each other's loops and derivatives. */
export const together: Area = {
  name: 'together',
  lines: compositions.map((composition) => ({
    name: composition.name,
    asks: `${composition.title}: value, gradient and product with the Hessian against differences, under jit, vmap and both modes.`,
    run() {
      const found = examine(composition);
      return [
        plainRow('value', found.value),
        ...measures(found).map(({ what, error, limit }) =>
          atMostRow(`${what}: relative error`, error, limit),
        ),
      ];
    },
  })),
};
