import { elementAreas, type Mesh, optimizeShape, solve, writeVtu } from '@grad/fem';
import { defineJob, type Job, type JobContext, type JobResult } from '../../job.ts';
import type { Row } from '../../row.ts';
import { timedAsync } from '../../timed.ts';
import { UserError } from '../../user-error.ts';
import { elementRows } from './checks.ts';
import { explanation } from './explanation.ts';
import { historyFigure, hoopFigure, plateFigure, type Stage } from './figures.ts';
import { heldMesh, plate, pull, stressesOf } from './plate.ts';
import { readMesh } from './read-mesh.ts';

type Options = { readonly mesh?: string | undefined };

/** Lets the vertices of a hole follow the gradient, to the ellipse that theory knows. */
export const shapeJob: Job = defineJob({
  name: 'shape',
  title: 'The best hole in a plate',
  summary: 'move the vertices of a hole along the gradient until the stress around it is even',
  explanation,
  options: (command) =>
    command
      .option(
        '--mesh <file>',
        'a quarter of a plate as a .msh file of Gmsh (default: a mesh made for the round hole)',
      )
      .addHelpText(
        'after',
        '\nThe mesh has triangles with 3 nodes or quadrilaterals with 4, and physical curves named\n' +
          'left and bottom (lines of symmetry), right and top (which are pulled), and hole (which moves).\n' +
          '\nExample:\n  npm start -- shape --mesh plate.msh\n',
      ),
  run: optimizeHole,
});

async function optimizeHole({ mesh: path }: Options, context: JobContext): Promise<JobResult> {
  const { signal, progress } = context;
  await context.enter('reading the mesh', 0);
  const { name, mesh } = await readMesh(path, context);
  const stresses = stressesOf(mesh);
  const stageOf = (of: Mesh): Stage => ({ mesh: of, stresses: stresses(of.vertices) });
  await context.enter('solving', 0.05);
  const before = stageOf(mesh);

  const most = 60;
  await context.enter('moving the hole', 0.2);
  const { value: found, seconds } = await timedAsync(() =>
    optimizeShape({
      mesh,
      objective: (of) => solve(plate(of)).compliance,
      moving: 'hole',
      fixed: heldMesh,
      maxIterations: most,
      signal,
      onIteration: ({ iteration }) =>
        progress.show('moving the hole', 0.2 + 0.4 * Math.min(1, iteration / 10)),
    }),
  );
  signal.throwIfAborted();
  if (found.status === 'notFinite') throw new UserError(`${name}: ${found.message}`);
  const after = stageOf(found.mesh);

  await context.enter('checking', 0.7);
  const isKnown = path === undefined;
  const rows: Row[] = [
    ...stressRows(before, after, isKnown),
    { what: 'iterations', result: found.history.length - 1, seconds },
    {
      what: 'change of the area, relative',
      result: Math.abs(areaOf(found.mesh) / areaOf(mesh) - 1),
      reference: { kind: 'atMost', limit: 1e-12 },
      source: 'the area is fixed',
    },
    {
      what: 'least scaled Jacobian on the way',
      result: Math.min(...found.history.map(({ quality }) => quality)),
    },
    {
      what: 'steps cut because they would have spoiled an element',
      result: found.history.reduce((sum, { cuts }) => sum + cuts.length, 0),
    },
    ...(isKnown ? elementRows() : []),
  ];

  await context.enter('drawing', 0.9);
  const reach = 3 * extentOf(mesh);
  return {
    subject: `${name}: ${mesh.vertices.shape[0]} vertices, pulled with ${pull.join(' and ')}; ${found.status}. ${found.message}`,
    rows,
    figures: [
      plateFigure('Before', before, reach),
      plateFigure('After', after, reach),
      hoopFigure(before, after),
      historyFigure(found.history),
    ],
    listings: cutListing(
      found.history.flatMap(({ iteration, cuts }) => cuts.map((cut) => ({ iteration, ...cut }))),
    ),
    attachments: [
      { name: 'shape-before.vtu', content: vtuOf(before) },
      { name: 'shape-after.vtu', content: vtuOf(after) },
    ],
  };
}

function stressRows(before: Stage, after: Stage, isKnown: boolean): Row[] {
  const near = (value: number) => ({
    kind: 'exact' as const,
    value,
    tolerance: 0.03 * Math.max(value, 2),
  });
  const row = (what: string, result: number, value: number, source: string): Row =>
    isKnown ? { what, result, reference: near(value), source } : { what, result };
  const kirsch = 'G. Kirsch 1898; 3 % for a plate of 10 radii and this mesh';
  const best = 'an ellipse of 2 to 1; 3 % for a plate of 10 radii and this mesh';
  return [
    row('largest stress around the hole, before', Math.max(...before.stresses.hoop), 5, kirsch),
    row('least, before', Math.min(...before.stresses.hoop), 1, kirsch),
    row('largest stress around the hole, after', Math.max(...after.stresses.hoop), 3, best),
    row('least, after', Math.min(...after.stresses.hoop), 3, best),
    row(
      'width of the hole by its height, after',
      extentOf(after.mesh, 0) / extentOf(after.mesh, 1),
      2,
      best,
    ),
  ];
}

function cutListing(
  cuts: readonly {
    readonly iteration: number;
    readonly element: number;
    readonly quality: number;
  }[],
) {
  if (cuts.length === 0) return [];
  return [
    {
      title: 'Steps that were cut',
      columns: ['iteration', 'worst element', 'its scaled Jacobian would have been'],
      rows: cuts.map(({ iteration, element, quality }) => [
        String(iteration),
        String(element),
        quality.toPrecision(3),
      ]),
    },
  ];
}

function areaOf(mesh: Mesh): number {
  return elementAreas(mesh).sum().item();
}

/** How far the hole reaches from the origin, in x, y, or the farther of both. */
function extentOf(mesh: Mesh, direction?: 0 | 1): number {
  const hole = mesh.boundary['hole'] ?? new Int32Array();
  return mesh.vertices.read((xy) =>
    hole.reduce((far, vertex) => {
      const [x = 0, y = 0] = [xy[2 * vertex], xy[2 * vertex + 1]];
      return Math.max(far, direction === 0 ? x : direction === 1 ? y : Math.max(x, y));
    }, 0),
  );
}

function vtuOf({ mesh, stresses }: Stage): string {
  return writeVtu(mesh, { cells: { vonMises: stresses.vonMises } });
}
