import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Mesh, MeshFileError, plateWithHole, readGmsh } from '@grad/fem';
import type { JobContext } from '../../job.ts';
import { UserError } from '../../user-error.ts';
import { parts } from './plate.ts';

/** A mesh and what it is called. */
export interface NamedMesh {
  readonly name: string;
  readonly mesh: Mesh;
}

/** @throws UserError when the file is wrong, or a part of its boundary has no name. */
export async function readMesh(
  path: string | undefined,
  { folder, signal }: JobContext,
): Promise<NamedMesh> {
  if (path === undefined) {
    return { name: 'a quarter of a plate', mesh: plateWithHole({ cells: [24, 24] }) };
  }
  const text = await readFile(resolve(folder, path), { encoding: 'utf8', signal }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(`${path} cannot be read: ${reason}`);
    },
  );
  const mesh = parsed(text, path);
  for (const part of parts) {
    if (mesh.boundary[part]) continue;
    const names = Object.keys(mesh.boundary);
    throw new UserError(
      `${path} has no physical curve '${part}'; ${names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`}. ` +
        `The quarter of a plate needs ${parts.join(', ')}: name them in Gmsh with Physical Curve("${part}").`,
    );
  }
  return { name: basename(path), mesh };
}

function parsed(text: string, path: string): Mesh {
  try {
    return readGmsh(text, { name: path });
  } catch (error) {
    if (error instanceof MeshFileError) throw new UserError(error.message);
    if (error instanceof RangeError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  }
}
