import type { Composition } from '../composition.ts';
import { assimilationWithAGraphModel } from './assimilation-with-a-graph-model.ts';
import { assimilationWithALearnedModel } from './assimilation-with-a-learned-model.ts';
import { attackOnARecurrentNetwork } from './attack-on-a-recurrent-network.ts';
import { attributionOfAPagerank } from './attribution-of-a-pagerank.ts';
import { boundOverADifferentialEquation } from './bound-over-a-differential-equation.ts';
import { controlOfAPagerank } from './control-of-a-pagerank.ts';
import { mamlOverANeuralOde } from './maml-over-a-neural-ode.ts';
import { mamlOverFiniteElements } from './maml-over-finite-elements.ts';
import { regulatorAtAFixedPoint } from './regulator-at-a-fixed-point.ts';
import { saliencyThroughARenderer } from './saliency-through-a-renderer.ts';
import { ticketOfADecoder } from './ticket-of-a-decoder.ts';

/** All compositions, in the order of the page. */
export const compositions: readonly Composition[] = [
  attackOnARecurrentNetwork,
  mamlOverANeuralOde,
  mamlOverFiniteElements,
  saliencyThroughARenderer,
  assimilationWithALearnedModel,
  assimilationWithAGraphModel,
  ticketOfADecoder,
  controlOfAPagerank,
  boundOverADifferentialEquation,
  regulatorAtAFixedPoint,
  attributionOfAPagerank,
];
