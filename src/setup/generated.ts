// Writes what the build makes by running parts of the program: dist/man and dist/completions from the tables of commands,
// flags and keys, and the texts of the bundled presets in one file, of those that are right.
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {shells, shellScript} from '../commands/line/completion-scripts.ts';
import {manPage} from '../commands/line/man-page.ts';
import {parsePreset} from '../preset/load.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {readonly version: string};
const out = (name: string, text: string): void => {
  const file = path.join(root, 'dist', name);
  mkdirSync(path.dirname(file), {recursive: true});
  writeFileSync(file, text);
};
out('man/tsbpftop.1', manPage({version, date: new Date().toISOString().slice(0, 10)}));
const names = {bash: 'tsbpftop', zsh: '_tsbpftop', fish: 'tsbpftop.fish'} as const;
for (const shell of shells) out(`completions/${names[shell]}`, shellScript(shell));

const presets = path.join(root, 'presets');
const texts = readdirSync(presets)
  .filter((file) => file.endsWith('.json') && file !== 'preset.schema.json')
  .sort()
  .map((file) => [file, readFileSync(path.join(presets, file), 'utf8')] as const);
out('packs/presets.json', JSON.stringify(Object.fromEntries(texts.filter(([file, text]) => parsePreset(text, file).ok))));
