import type { Prose } from '../../job.ts';

/** What made a picture, in plain words. */
export const explanation: readonly Prose[] = [
  'A renderer makes a picture of a thing from where it is, how it is turned, where the lamp stands and what the thing is made of. Here the way goes back: given the picture and the form of the thing, find the rest. With p for all that is unknown, and the picture at several sizes, so that far misses are felt too,',
  { tex: '\\min_p\\ \\tfrac12 \\sum_{k} \\| D_k\\,(I(p) - I^*) \\|^2' },
  'Within the outline a pixel follows p smoothly. At the outline it changes as the edge sweeps over it, which a renderer that asks one point per pixel does not notice; its derivative would be 0 there. The derivative of a sum over the picture has both parts:',
  {
    tex: '\\frac{\\mathrm d}{\\mathrm d p} \\int I\\,\\mathrm dA = \\int \\frac{\\partial I}{\\partial p}\\,\\mathrm dA + \\int_{\\text{edges}} (I_{\\text{in}} - I_{\\text{out}})\\, \\frac{\\partial x}{\\partial p} \\cdot n\\ \\mathrm d\\ell',
  },
  'The rasterizer has both, in one compiled function, and the method of Levenberg and Marquardt does the rest: 13 unknowns from 12,288 values, at a quarter of the size first. The target is made with sixteen samples per pixel, and the search sees one, so that it is not simply the same picture again.',
];
