// `npm run package [-- npm|file|deb]`: the set-up, then what is handed out, in dist/package: the single executable and the
// Debian package, after the addon for both kinds of machines, which `npm pack` takes (its prepack runs this with `npm`).
import {statSync} from 'node:fs';
import path from 'node:path';
import {prebuilt} from './prebuilt.mjs';
import {guarded, root, SetUpError, setUp} from './steps.mjs';

const [what = 'all', ...others] = process.argv.slice(2);

await guarded(async () => {
  if (!['all', 'npm', 'file', 'deb'].includes(what) || others.length > 0)
    throw new SetUpError(`'npm run package -- ${what}': npm, file or deb`);
  await setUp();
  await prebuilt({arm64: what === 'all' || what === 'npm'});
  if (what === 'npm') return;
  const made = [];
  const {single} = await import('./single.mjs');
  made.push(await single());
  if (what !== 'file') {
    const {deb} = await import('./deb.mjs');
    made.push(await deb(made[0]));
  }
  for (const file of made) process.stderr.write(`${path.relative(root, file)}  ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);
});
