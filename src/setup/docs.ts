// `npm run docs`: renews docs/views.md and the list of views in the README from presets/.
import {writeFileSync} from 'node:fs';
import {documents} from './views-doc.ts';

for (const {file, text} of documents()) writeFileSync(file, text);
