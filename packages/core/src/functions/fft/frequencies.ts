import { checkChoice, checkFinite, checkOptions, checkWhole } from '../../tensor/check.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';

/** The samples that frequencies are of. */
export interface FrequencyOptions {
  /** Distance between samples; 1 when left out. */
  readonly spacing?: number;
  /** float64 when left out. */
  readonly dtype?: 'float64' | 'float32';
}

function frequencies(
  name: string,
  n: number,
  options: FrequencyOptions,
  count: (n: number) => number,
  at: (k: number) => number,
): Tensor {
  checkWhole(name, 'n', n, 1);
  checkOptions(name, options, ['spacing', 'dtype']);
  const { spacing = 1, dtype = 'float64' } = options;
  checkFinite(name, 'spacing', spacing);
  if (spacing === 0) throw new RangeError(`${name}: spacing is 0; samples lie apart.`);
  checkChoice(name, 'the dtype', dtype, ['float64', 'float32']);
  const values = Float64Array.from({ length: count(n) }, (_, k) => at(k) / (n * spacing));
  const data = dtype === 'float64' ? values : Float32Array.from(values);
  return fromData(dtype, [values.length], data);
}

/**
 * The frequency of each element of `fft` of n samples, in cycles per unit of `spacing`: 0, 1, ..., then
 * the negative ones ..., -2, -1, over n times the spacing.
 *
 * @throws RangeError when n is no whole number >= 1, or the spacing is 0 or not finite.
 */
export function fftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  return frequencies(
    'fft.fftfreq',
    n,
    options,
    () => n,
    (k) => (2 * k < n ? k : k - n),
  );
}

/**
 * The frequency of each element of `rfft` of n samples: 0, 1, ..., floor(n / 2), over n times the spacing.
 *
 * @throws what `fftfreq` throws.
 */
export function rfftfreq(n: number, options: FrequencyOptions = {}): Tensor {
  return frequencies(
    'fft.rfftfreq',
    n,
    options,
    () => Math.floor(n / 2) + 1,
    (k) => k,
  );
}
