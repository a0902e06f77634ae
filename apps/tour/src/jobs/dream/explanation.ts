import type { Prose } from '../../job.ts';

/** Variational autoencoders, in plain words. */
export const explanation: readonly Prose[] = [
  'A picture of a digit has many pixels, but little that varies: which digit it is, how it slants, how thick the pen was. A variational autoencoder describes each picture by a few such numbers z, which nobody gives it, and learns to draw a picture from them. The decoder gives p(x|z), the encoder a guess q(z|x) of the numbers behind a picture, and both are trained to raise a lower bound of the probability of what was seen:',
  {
    tex: '\\log p(x) \\ge \\mathbb{E}_{q(z|x)} \\log p(x|z) - \\mathrm{KL}(q(z|x) \\,\\|\\, p(z))',
  },
  'The draws of z are written as functions of what the encoder says, z = m + s e with e from a normal distribution, so that the bound can be differentiated through them. Once trained, the decoder dreams: numbers drawn from p(z) become digits that were never written.',
];
