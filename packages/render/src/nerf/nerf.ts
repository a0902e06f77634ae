// A neural radiance field: a network that gives the density and the color of every point of a scene, seen from a
// direction, and is trained by the differences of rendered rays from the pixels of photographs. The density depends on
// the point alone; the color also on the direction, by a small network on top of the features of the first.
import { concatenate, random, relu, sigmoid, softplus, type Tensor } from '@grad/core';
import { mlp, type WeightParams } from '@grad/nn';
import { checkCount, checkOptions } from '../check.ts';
import type { Rays } from '../rays.ts';
import { type RenderVolumeOptions, renderVolume, type VolumeImage } from '../render-volume.ts';
import { positionalEncoding } from './positional-encoding.ts';

/** The size of a radiance field. */
export interface NerfOptions {
  /** Hidden layers, 3 when left out. */
  readonly depth?: number;
  /** Units of each, 64 when left out. */
  readonly width?: number;
  /** Doublings of the frequency of points; 6 when left out, for scenes of about unit size. */
  readonly pointFrequencies?: number;
  /** Doublings of that of directions; 2 when left out. */
  readonly directionFrequencies?: number;
  /** Colors, 3 when left out. */
  readonly channels?: number;
}

/** Parameters of a radiance field. */
export interface NerfParams {
  /** From points to features. */
  readonly trunk: Readonly<Record<string, WeightParams>>;
  /** From features to densities. */
  readonly density: Readonly<Record<string, WeightParams>>;
  /** From features and directions to colors. */
  readonly color: Readonly<Record<string, WeightParams>>;
}

/** A radiance field as functions of its parameters. */
export interface Nerf {
  /** Parameters in float32. */
  init(key: Tensor): NerfParams;
  /** Density `[..., n]` and color `[..., n, channels]` in [0, 1] of points seen along directions, `[..., n, 3]`. */
  apply(params: NerfParams, points: Tensor, directions: Tensor): { density: Tensor; color: Tensor };
  /** What rays `[..., 3]` see; they are converted to float32. */
  render(params: NerfParams, rays: Rays, options: RenderVolumeOptions): VolumeImage;
}

/**
 * A radiance field in the manner of NeRF, of one network. Train it with `fit` of `@grad/optim` on the mean square of
 * `render(params, rays, { near, far, key }).color` less the pixels, with a new key in each step.
 *
 * @throws RangeError when a size is not a whole number, of at least 1 for `depth`, `width` and `channels`.
 * @see Mildenhall et al., NeRF: Representing scenes as neural radiance fields for view synthesis, ECCV 2020.
 */
export function nerf(options: NerfOptions = {}): Nerf {
  const names = ['depth', 'width', 'pointFrequencies', 'directionFrequencies', 'channels'];
  checkOptions('nerf', options, names);
  const {
    depth = 3,
    width = 64,
    pointFrequencies = 6,
    directionFrequencies = 2,
    channels = 3,
  } = options;
  for (const [what, x] of Object.entries({ depth, width, channels })) checkCount('nerf', what, x);
  checkCount('nerf', 'pointFrequencies', pointFrequencies, 0);
  checkCount('nerf', 'directionFrequencies', directionFrequencies, 0);
  const encoded = (frequencies: number): number => 3 * (2 * frequencies + 1);
  const trunk = mlp([encoded(pointFrequencies), ...Array<number>(depth).fill(width)]);
  const density = mlp([width, 1]);
  const half = Math.ceil(width / 2);
  const color = mlp([width + encoded(directionFrequencies), half, channels]);
  const apply: Nerf['apply'] = (params, points, directions) => {
    const lead = points.shape.slice(0, -1);
    const flat = (x: Tensor): Tensor => x.reshape([-1, 3]);
    const features = relu(
      trunk.apply(params.trunk, positionalEncoding(flat(points), pointFrequencies)),
    );
    const sight = positionalEncoding(flat(directions), directionFrequencies);
    const seen = color.apply(params.color, concatenate([features, sight], { axis: 1 }));
    return {
      density: softplus(density.apply(params.density, features).sub(3)).mul(10).reshape(lead),
      color: sigmoid(seen).reshape([...lead, channels]),
    };
  };
  return {
    init: (key) => ({
      trunk: trunk.init(random.foldIn(key, 0)),
      density: density.init(random.foldIn(key, 1)),
      color: color.init(random.foldIn(key, 2)),
    }),
    apply,
    render: (params, { origins, directions }, settings) =>
      renderVolume(
        (points, along) => apply(params, points, along),
        { origins: origins.astype('float32'), directions: directions.astype('float32') },
        settings,
      ),
  };
}
