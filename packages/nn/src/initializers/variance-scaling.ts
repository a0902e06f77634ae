import { normal, uniform } from './distributions.ts';
import { type Fans, fans, type Initializer } from './fans.ts';

/** What He's initializers are adapted to. */
export interface HeOptions {
  /** Keep the size of values on the way forward (`fanIn`), or of gradients on the way back (`fanOut`). */
  readonly mode?: 'fanIn' | 'fanOut';
  /** Slope of the activation below 0, as of `leakyRelu`; 0 when left out. */
  readonly negativeSlope?: number;
}

/** Draws with mean 0 and the variance that fans ask for. */
function scaled(shape: 'normal' | 'uniform', variance: (fans: Fans) => number): Initializer {
  return (key, extents, options) => {
    const std = Math.sqrt(variance(fans(extents, options)));
    const bound = std * Math.sqrt(3);
    const draw = shape === 'normal' ? normal(std) : uniform(-bound, bound);
    return draw(key, extents, options);
  };
}

const glorot = ({ fanIn, fanOut }: Fans): number => 2 / (fanIn + fanOut);

/**
 * Normal with variance 2 / (fanIn + fanOut), for tanh and sigmoid; also called Xavier's. Not truncated.
 *
 * @see Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
 *   AISTATS 2010, equation 16.
 */
export function glorotNormal(): Initializer {
  return scaled('normal', glorot);
}

/** Uniform with the variance of `glorotNormal`: within sqrt(6 / (fanIn + fanOut)) of 0. */
export function glorotUniform(): Initializer {
  return scaled('uniform', glorot);
}

function he({ mode = 'fanIn', negativeSlope = 0 }: HeOptions): (fans: Fans) => number {
  if (mode !== 'fanIn' && mode !== 'fanOut') {
    throw new TypeError(`he: mode is ${String(mode)}; it must be 'fanIn' or 'fanOut'.`);
  }
  return (of) => 2 / ((1 + negativeSlope ** 2) * of[mode]);
}

/**
 * Normal with variance 2 / ((1 + slope^2) fan), for relu and leakyRelu; also called Kaiming's. Not
 * truncated.
 *
 * @throws TypeError when the mode is none.
 * @see He, Zhang, Ren and Sun, Delving deep into rectifiers, arXiv:1502.01852, equations 10 and 15.
 */
export function heNormal(options: HeOptions = {}): Initializer {
  return scaled('normal', he(options));
}

/** Uniform with the variance of `heNormal`. */
export function heUniform(options: HeOptions = {}): Initializer {
  return scaled('uniform', he(options));
}

const lecun = ({ fanIn }: Fans): number => 1 / fanIn;

/**
 * Normal with variance 1 / fanIn, which keeps the size of values through affine layers. Not truncated.
 *
 * @see LeCun, Bottou, Orr and Müller, Efficient BackProp (1998), section 4.6.
 */
export function lecunNormal(): Initializer {
  return scaled('normal', lecun);
}

/** Uniform with the variance of `lecunNormal`: within sqrt(3 / fanIn) of 0. */
export function lecunUniform(): Initializer {
  return scaled('uniform', lecun);
}
