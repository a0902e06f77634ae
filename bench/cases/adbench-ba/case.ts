import type { Case } from '../../src/suite.ts';
import { Numbers } from '../adbench.ts';

/** ADBench's bundle adjustment: the sparse Jacobian of the errors of all observations, by rows. */
export const cases: readonly Case[] = [
  { name: 'ba1_n49_m7776_p31843', targets: [{ side: 'JAX', atMost: 6 / 14.5 }] },
  { name: 'ba5_n257_m65132_p225911' },
].map(({ name, targets = [] }) => ({
  group: 'adbench',
  name,
  precision: 'float64',
  program: 'adbench-ba',
  targets,
  inputs: () => {
    const file = new Numbers(`ba/${name}.txt`);
    const counts = file.array(3);
    return {
      counts: { shape: [3], data: Int32Array.from(counts.data) },
      cam: file.array(11),
      x: file.array(3),
      w: file.array(),
      feat: file.array(2),
    };
  },
}));
