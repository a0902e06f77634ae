import type { LaneFunction } from './functions.ts';

export const definitions: ReadonlyMap<string, LaneFunction> = new Map();
