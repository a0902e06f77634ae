/** What calls on threads need; see `threading-at-hand.ts`. */
export { SharedParts, usualGrain } from '../backends/wasm/emit/shared-parts.ts';
export { ThreadPool } from '../backends/wasm/threads/pool.ts';
