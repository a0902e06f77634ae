import { cpus } from 'node:os';

/** Engine and machine, for the foot of the report. */
export function platformSentence(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? process.arch;
  return `Node ${process.versions.node}, V8 ${process.versions.v8}, ${process.platform}, ${processors.length} × ${model}`;
}
