// `npm start -- ARGS`: the set-up, then the program in this same process.
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {guarded, root, setUp} from './steps.mjs';

await guarded(() => setUp());
const program = path.join(root, 'dist/cli.js');
process.argv[1] = program;
await import(pathToFileURL(program).href);
