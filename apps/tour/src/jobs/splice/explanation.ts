import type { Prose } from '../../job.ts';

/** Splice sites and backpropagation through time, in plain words. */
export const explanation: readonly Prose[] = [
  'Genes of animals and plants come in pieces: exons, which are kept, and introns, which are cut out. Nearly every intron begins with GT, the donor, and ends with AG, the acceptor; but most GT and AG begin and end nothing. What tells the real ones is in the bases around them. A recurrent network reads these one by one, here gated recurrent units in both directions, and a softmax sees the states on both sides of the middle, and the last ones:',
  {
    tex: 'h_t = (1 - z_t) \\odot \\tanh(W x_t + b + r_t \\odot (U h_{t-1} + c)) + z_t \\odot h_{t-1}, \\qquad r_t, z_t = \\sigma(\\ldots)',
  },
  'Its weights are the same at every base, so that their gradient is a sum over all of them, along a loop that runs backwards: backpropagation through time. On the way back the gradient is multiplied by a Jacobian for each base; where these are small it vanishes, and what is far away is not learned:',
  {
    tex: '\\frac{\\partial L}{\\partial h_t} = \\frac{\\partial L}{\\partial h_T} \\prod_{s=t+1}^{T} \\frac{\\partial h_s}{\\partial h_{s-1}}',
  },
  'Truncation stops the gradient after so many steps. Which bases the network goes by is seen by integrated gradients: what each base adds to the evidence on the way from unknown bases to the sequence. The sum of all is the evidence. Mutagenesis in silico replaces each base by each other one, and runs the network again.',
];
