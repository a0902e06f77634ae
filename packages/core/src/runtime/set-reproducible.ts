import { hasFusedMultiplyAdd } from '../backends/wasm/fused.ts';
import { checkBoolean } from '../tensor/check.ts';

let reproducible = false;

/** Whether code that is compiled now uses the machine's own multiply-add. */
export function usesFusedMultiplyAdd(): boolean {
  return !reproducible && hasFusedMultiplyAdd();
}

/**
 * Switches the same bits on every machine on and off. A matrix product or convolution of floats
 * uses the processor's fused multiply-add where the engine offers it (WebAssembly's relaxed SIMD),
 * which rounds once where other machines round twice. When `on`, it multiplies and adds everywhere,
 * which costs up to a tenth of its speed. All other operations give the same bits on every machine
 * anyway. Returns what was set before, to be given to it again; false at first.
 *
 * @throws TypeError when `on` is no boolean.
 */
export function setReproducible(on: boolean): boolean {
  checkBoolean('setReproducible', 'the argument', on);
  const before = reproducible;
  reproducible = on;
  return before;
}
