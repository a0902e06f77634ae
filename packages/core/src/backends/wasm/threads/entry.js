// The file that a worker loads. It is JavaScript so that its name is the same in the source and in
// what is published: bundlers read it where it stands, and nobody rewrites it.

import { main } from './main.ts';

main();
