// Ink from its sources, as tests load it: ink-table asks for it by require, which cannot wait for its layout library. The bundle
// has its own way.
import {createRequire, Module} from 'node:module';
import {fileURLToPath} from 'node:url';

/** To be called before anything that has a table is imported. */
export async function inkForAll(): Promise<typeof import('ink')> {
  const ink = await import('ink');
  const file = fileURLToPath(import.meta.resolve('ink'));
  const module = new Module(file);
  module.exports = ink;
  module.loaded = true;
  createRequire(import.meta.url).cache[file] = module;
  return ink;
}
