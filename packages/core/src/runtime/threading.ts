/** What calls on threads need: most pages never load it. */
export { SharedParts, usualGrain } from '../backends/wasm/emit/shared-parts.ts';
export { ThreadPool } from '../backends/wasm/threads/pool.ts';
