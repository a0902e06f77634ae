export {
  constant,
  normal,
  ones,
  truncatedNormal,
  uniform,
  zeros,
} from './distributions.ts';
export { type Fans, fans, type Initializer, type InitializerOptions } from './fans.ts';
export { orthogonal } from './orthogonal.ts';
export {
  glorotNormal,
  glorotUniform,
  type HeOptions,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
} from './variance-scaling.ts';
