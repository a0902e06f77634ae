import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

// Every test that starts a process waits for Node to load the whole tour, maybe on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** What a finished process left behind. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly args?: readonly string[];
  /** The user's folder. */
  readonly folder: string;
  /** Called with the process as soon as it has shown progress. */
  readonly onProgress?: (child: ChildProcess) => void;
}

/** Runs a TypeScript file, relative to the tests, as the command line would. */
export async function runScript(script: string, options: StartOptions): Promise<Ended> {
  const { args = [], folder, onProgress } = options;
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...process.env, INIT_CWD: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (onProgress) child.stderr.once('data', () => onProgress(child));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}
