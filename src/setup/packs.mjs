// Packs: the bundle's modules as two files of CommonJS, one that every run needs and one with Ink and React that only the
// screen does. Two, since each file costs; CommonJS, since V8's code cache can be had for scripts alone. loader.cjs runs them.
import path from 'node:path';
import {transform} from 'esbuild';

/** Libraries that few runs use, or none at its start, and an export of each: they are run when something of them is first asked for. */
export const later = {zod: 'string', 'jsonc-parser': 'parseTree', 'string-width': 'default', fuzzysort: 'default'};
const ofLater = new RegExp(`node_modules/(${Object.keys(later).join('|')}|strip-ansi|ansi-regex|get-east-asian-width)/`);

/** Modules that begin the second pack. */
const screen = /^(src\/ui\/(run-screen|print-table)\.tsx|node_modules\/yoga-layout\/.*)$/;

/** @param files esbuild's output, as modules split by its dynamic imports */
export async function packsOf(files, metafile) {
  const outputs = new Map(Object.entries(metafile.outputs).map(([file, output]) => [path.basename(file), output]));
  const core = new Set();
  const visit = (name) => {
    if (core.has(name)) return;
    core.add(name);
    for (const {path: file, external} of outputs.get(name).imports) {
      const next = path.basename(file);
      if (external !== true && !screen.test(outputs.get(next).entryPoint ?? '')) visit(next);
    }
  };
  visit('cli.js');
  const isLater = (name) => {
    const inputs = Object.entries(outputs.get(name)?.inputs ?? {}).filter(([, {bytesInOutput}]) => bytesInOutput > 0);
    return inputs.length > 0 && inputs.every(([file]) => ofLater.test(file));
  };
  const packs = {core: [], screen: []};
  for (const {path: file, text} of files) {
    const name = path.basename(file);
    if (!name.endsWith('.js') || name.slice(0, -3) in later) continue;
    const {code} = await transform(text.replace(/^#!.*\n/, ''), {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      supported: {'dynamic-import': false},
      minifyWhitespace: true,
      minifySyntax: true,
    });
    const lazy = code.replace(/\brequire\("(\.\/[^"]+)"\)/g, (call, id) => (isLater(path.basename(id)) ? `require.later("${id}")` : call));
    packs[core.has(name) ? 'core' : 'screen'].push(`${JSON.stringify(name)}(module,exports,require,__importMetaUrl){${lazy}}`);
  }
  // as a module it exports them, as a script they are its value
  return Object.fromEntries(
    Object.entries(packs).map(([name, members]) => [
      name,
      `(typeof module==="undefined"?{}:module).exports={\n${members.join(',\n')}\n};\n`,
    ]),
  );
}
