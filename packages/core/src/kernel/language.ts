/** The language of kernels as the author of a primitive writes it. */
export { math } from './maths/by-name.ts';
export * from './scalars.ts';
