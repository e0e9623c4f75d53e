// Finds and loads the addon, when asked to; says all that was tried when it cannot.
import {createRequire} from 'node:module';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {UserError} from '../errors.ts';
import type {Addon} from './contract.ts';

/** dist/, from the bundle in it, from its chunks, and from src/native. */
function folders(): readonly string[] {
  const here = path.dirname(fileURLToPath(import.meta.url));
  return [here, path.join(here, '..'), path.join(here, '../../dist')];
}

export interface Binding {
  readonly addon: Addon;
  /** Path of a bundled BPF object. */
  objectPath(name: string): string;
}

export function loadBinding(): Binding {
  const require = createRequire(import.meta.url);
  const tried: string[] = [];
  for (const folder of folders()) {
    const file = path.join(folder, 'tsbpftop.node');
    try {
      return {addon: require(file) as Addon, objectPath: (name) => path.join(folder, `${name}.bpf.o`)};
    } catch (error) {
      tried.push(`${file}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new UserError('cannot load the native addon', {hint: `${tried.join('\n')}\nnpm run build makes it`});
}
