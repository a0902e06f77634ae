/** The part of a job's progress that a computation takes, in fractions of the whole. */
export type Span = readonly [from: number, to: number];
