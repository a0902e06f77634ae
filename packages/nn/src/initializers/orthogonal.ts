import { linalg, moveAxis, random, sign, where } from '@grad/core';
import { fans, type Initializer } from './fans.ts';

/**
 * A random matrix whose rows or columns, whichever are fewer, are orthonormal, times a gain: the axis
 * of outputs against all others together. Drawn evenly from all such matrices.
 *
 * @see Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep
 *   linear neural networks, arXiv:1312.6120; for the signs Mezzadri, Notices of the AMS 54 (2007) 592.
 */
export function orthogonal(gain = 1): Initializer {
  return (key, shape, { dtype = 'float32', inAxis = -2, outAxis = -1 } = {}) => {
    fans(shape, { inAxis, outAxis });
    const axis = outAxis < 0 ? outAxis + shape.length : outAxis;
    const outputs = shape[axis] ?? 1;
    const others = shape.filter((_, i) => i !== axis);
    const inputs = others.reduce((n, extent) => n * extent, 1);
    const [long, short] = [Math.max(inputs, outputs), Math.min(inputs, outputs)];
    const [q, r] = linalg.qr(random.normal(key, [long, short]));
    const signs = sign(linalg.diagonal(r));
    const even = q.mul(where(signs.eq(0), 1, signs)).mul(gain);
    const rows = outputs === long ? even : even.transpose();
    return moveAxis(rows.reshape([outputs, ...others]), 0, axis).astype(dtype);
  };
}
