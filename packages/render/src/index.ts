/**
 * Differentiable rendering.
 *
 * @module
 */

export { type Camera, type CameraOptions, camera, type Pose, project } from './camera.ts';
export { type Composite, composite } from './composite.ts';
export {
  type AreaLightOptions,
  areaLight,
  type Light,
  type LightRay,
  type PointLightOptions,
  pointLight,
} from './lights.ts';
export { lookAt } from './look-at.ts';
export { icosphere } from './mesh/icosphere.ts';
export { createMesh, type Mesh, type MeshOptions } from './mesh/mesh.ts';
export { faceNormals, vertexNormals } from './mesh/normals.ts';
export { type RasterImage, type RasterizeOptions, rasterize } from './mesh/rasterize.ts';
export { ObjError, type ReadObjOptions, readObj } from './mesh/read-obj.ts';
export {
  type SoftImage,
  type SoftRasterizeOptions,
  softRasterize,
} from './mesh/soft-rasterize.ts';
export type { Surface } from './mesh/surface.ts';
export { type Nerf, type NerfOptions, type NerfParams, nerf } from './nerf/nerf.ts';
export { positionalEncoding } from './nerf/positional-encoding.ts';
export { cameraRays, type Rays } from './rays.ts';
export {
  type RenderVolumeOptions,
  renderVolume,
  type VolumeField,
  type VolumeImage,
} from './render-volume.ts';
export { axisAngle, quaternionRotation, rotationAngle } from './rotation.ts';
export { type SdfShadowOptions, sdfShadow } from './sdf/sdf-shadow.ts';
export {
  boxSdf,
  planeSdf,
  type Sdf,
  smoothUnionSdf,
  sphereSdf,
  torusSdf,
  unionSdf,
} from './sdf/shapes.ts';
export {
  type SurfacePoint,
  type TracedImage,
  type TraceSdfOptions,
  traceSdf,
} from './sdf/trace-sdf.ts';
export { type LambertOptions, lambert, type PhongOptions, phong, type Shadow } from './shading.ts';
export {
  type GaussianSplatsOptions,
  gaussianSplats,
  type SplatImage,
  type Splats,
} from './splats/gaussian-splats.ts';
