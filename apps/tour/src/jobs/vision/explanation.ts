import type { Prose } from '../../job.ts';

/** Attribution, attacks and tickets, in plain words. */
export const explanation: readonly Prose[] = [
  'A trained network is a function f of pixels and of weights, and its derivatives answer three questions. Why this digit? The derivative of its score in the pixels says which of them would change it. A single slope can mislead, as a score that has saturated hardly changes; integrated gradients take the mean along the way from an empty picture, so that the parts add up to the whole score:',
  {
    tex: 'a_i = (x_i - x_i\\prime) \\int_0^1 \\frac{\\partial f}{\\partial x_i} \\bigl(x\\prime + t (x - x\\prime)\\bigr) \\, dt, \\qquad \\sum_i a_i = f(x) - f(x\\prime)',
  },
  'What leads it astray? A step against it, by the sign of the derivative of the loss, changes each pixel by ε at most, which a person hardly sees (FGSM):',
  {
    tex: 'x_{\\text{adv}} = x + \\varepsilon \\, \\mathrm{sign} \\, \\nabla_x L(f(x), y)',
  },
  'And which weights does it need? Few: train, remove the smallest weights, set the others back to where they began, and train again. What is left is a winning ticket, which learns as well as the whole network. The same connections with other first weights do worse, so that the ticket is the connections and their beginnings together.',
];
