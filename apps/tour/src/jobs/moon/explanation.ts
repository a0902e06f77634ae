import type { Prose } from '../../job.ts';

/** The landing and its principle, in plain words. */
export const explanation: readonly Prose[] = [
  'A craft falls towards the Moon. Its engine can be anything from off to full, and burns what the craft is made of: thrust T changes height, speed and mass as',
  {
    tex: "h' = v, \\qquad v' = -1 + \\frac{T}{m}, \\qquad m' = -\\frac{T}{2.349}, \\qquad 0 \\le T \\le 1.227",
  },
  'Which thrust brings it to rest on the ground with as much fuel left as possible? Every state gets a price, its costate p: the derivative of the least cost in it. Pontryagin’s principle says that the best thrust makes the Hamiltonian H least at all times, and that prices change by the gradient of H, which comes from differentiating the equations above:',
  {
    tex: "H = p_h v + p_v\\left(\\frac{T}{m} - 1\\right) - \\frac{p_m T}{2.349}, \\qquad p' = -\\frac{\\partial H}{\\partial x}, \\qquad \\frac{\\partial H}{\\partial T} = \\frac{p_v}{m} - \\frac{p_m}{2.349}",
  },
  'H is linear in T, so the engine is off while the last expression, the switching function, is positive, and full while it is negative: fall as long as you can, and then brake as hard as you can. H itself is 0 on the whole way, as the final time is free.',
  'The landing is found twice. Collocation knows nothing of the principle: it takes states and thrusts at many times for the unknowns of one sparse minimization, whose multipliers turn out to be the prices. The indirect method solves the equations of the principle. Neither is told when the engine is to be switched, or how often.',
];
