import type { ScanParams } from '../program/loops.ts';

/** Operands (or types of operands) of a scan by their part. */
export interface ScanParts<T> {
  readonly count: readonly T[];
  readonly consts: readonly T[];
  readonly carry: readonly T[];
  readonly xs: readonly T[];
}

/** Takes the operands of a scan apart. */
export function splitScan<T>(operands: readonly T[], params: ScanParams): ScanParts<T> {
  const start = params.length === null ? 1 : 0;
  const consts = start + params.consts;
  const carry = consts + params.carry;
  return {
    count: operands.slice(0, start),
    consts: operands.slice(start, consts),
    carry: operands.slice(consts, carry),
    xs: operands.slice(carry),
  };
}
