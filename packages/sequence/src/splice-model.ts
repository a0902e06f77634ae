import { concatenate, random, ShapeError, type Tensor } from '@grad/core';
import { crossEntropy, dense, dropout, type WeightParams } from '@grad/nn';
import { type Bidirectional, type BothWays, bidirectional } from './bidirectional.ts';
import { bptt } from './bptt.ts';
import { gru } from './recurrent.ts';
import type { RecurrentParams, RunResult } from './recurrent-layer.ts';
import { SPLICE_SITES } from './splice-window.ts';

/** What a {@link SpliceModel} is like. */
export interface SpliceOptions {
  /** Hidden units in each direction; 24 when left out. */
  readonly units?: number;
  /** Share of features that are left out in training; 0.2 when left out. */
  readonly dropout?: number;
  /** Gradients go back through so many bases at most; through all when left out. */
  readonly truncate?: number;
  /** float32 when left out. */
  readonly dtype?: 'float32' | 'float64';
}

/** Parameters of a {@link SpliceModel}. */
export interface SpliceParams {
  readonly encoder: BothWays<RecurrentParams>;
  readonly head: WeightParams;
}

/** Windows with what lies in their middles. */
export interface SpliceBatch {
  /** `[windows, length, 4]` */
  readonly x: Tensor;
  /** int32 `[windows]`, places in `SPLICE_SITES` */
  readonly labels: Tensor;
}

/** A classifier of windows of DNA: functions of its parameters. */
export interface SpliceModel {
  /** The layer that reads the bases, `[length, windows, 4]`. */
  readonly encoder: Bidirectional;
  /** Parameters to start from. */
  init(key: Tensor): SpliceParams;
  /**
   * Logits `[windows, 3]` of donor, acceptor and neither.
   *
   * @param x `[windows, length, 4]`, with the place that may be a site in the middle
   * @throws ShapeError when x has another shape, or an odd length.
   */
  apply(params: SpliceParams, x: Tensor): Tensor;
  /** Logits from the states of the encoder, for what looks into them, such as `gradientNorms`. */
  classify(params: SpliceParams, states: RunResult<unknown>): Tensor;
  /** Mean cross-entropy in nats, as `fit` of `@grad/optim` takes it; with dropout where there is a key. */
  loss(params: SpliceParams, batch: SpliceBatch, options?: { readonly key?: Tensor }): Tensor;
}

/**
 * Finds splice sites in windows of DNA: a bidirectional GRU reads the bases, and a softmax sees its states
 * on both sides of the middle, each of which has read its side and the other one, and its last states.
 *
 * @throws RangeError when an option makes no sense.
 */
export function spliceModel({
  units = 24,
  dropout: rate = 0.2,
  truncate,
  dtype = 'float32',
}: SpliceOptions = {}): SpliceModel {
  const encoder = bptt(truncate === undefined ? {} : { truncate })(
    bidirectional(gru(4, units, { dtype })),
  );
  const head = dense(4 * units, SPLICE_SITES.length, { dtype });
  const drop = dropout(rate);
  const featuresOf = ({ outputs, final }: RunResult<unknown>): Tensor => {
    const middle = (outputs.shape[0] ?? 0) / 2;
    const left = outputs.at(middle - 1, null, [0, units]);
    const right = outputs.at(middle, null, [units, 2 * units]);
    return concatenate([left, right, final], { axis: -1 });
  };
  const featuresAt = (params: SpliceParams, x: Tensor): Tensor => {
    const length = x.shape[1] ?? 0;
    if (x.ndim !== 3 || length < 2 || length % 2 !== 0 || x.shape[2] !== 4) {
      throw new ShapeError(
        `spliceModel: x has shape [${x.shape.join(', ')}]; it must be [windows, length, 4] with an even length, so that the site is in the middle.`,
      );
    }
    return featuresOf(encoder.apply(params.encoder, x.transpose([1, 0, 2])));
  };
  return {
    encoder,
    init(key) {
      const [first, second] = random.split(key);
      return { encoder: encoder.init(first), head: head.init(second) };
    },
    apply: (params, x) => head.apply(params.head, featuresAt(params, x)),
    classify: (params, states) => head.apply(params.head, featuresOf(states)),
    loss(params, { x, labels }, { key } = {}) {
      const features = featuresAt(params, x);
      const kept = key === undefined ? features : drop.train({}, features, { key })[0];
      return crossEntropy(head.apply(params.head, kept), labels);
    },
  };
}
