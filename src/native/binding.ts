// Finds and loads the addon, when asked to; says all that was tried when it cannot.
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {UserError} from '../errors.ts';
import {isOneFile, nativeFolders, withAsset} from './bundled.ts';
import type {Addon} from './contract.ts';

interface Binding {
  readonly addon: Addon;
  /** Path of a bundled BPF object. */
  objectPath(name: string): string;
}

/** There is no addon that could be loaded here. */
export class AddonError extends UserError {}

/**
 * @param temporary folder for the single executable's parts, before the usual ones; '' for none
 * @throws AddonError
 */
export function loadBinding(temporary = ''): Binding {
  if (process.platform !== 'linux')
    throw new AddonError(`eBPF is a part of Linux, and this is ${process.platform}`, {
      hint: "'tsbpftop replay FILE' shows here what was recorded there; check and list work here too",
    });
  const tried: string[] = [];
  const found = isOneFile() ? fromAssets(temporary, tried) : fromFiles(tried);
  if (found !== undefined) return found;
  const machine = `linux-${process.arch}`;
  throw new AddonError(tried.length === 0 ? `there is no native addon for ${machine}` : `cannot load the native addon for ${machine}`, {
    hint: [...tried, ...fixes(tried), "without it 'tsbpftop replay FILE', check and list work"].join('\n'),
  });
}

function fixes(tried: readonly string[]): readonly string[] {
  if (tried.length === 0) return ["packages have it for x64 and arm64; in a checkout 'npm run build' makes it"];
  const {header} = process.report.getReport() as {readonly header?: {readonly glibcVersionRuntime?: string}};
  const {glibcVersionRuntime: glibc} = header ?? {};
  if (glibc === undefined) return ['it is made for glibc, and this Node is for another C library, such as the musl of Alpine'];
  if (tried.some((line) => /GLIBC|CXXABI/.test(line)))
    return [`it needs glibc 2.28 and libstdc++ 8, or newer ones; here is glibc ${glibc}`];
  return isOneFile() ? ['TSBPFTOP_TMP=FOLDER names one where programs may run'] : [];
}

function fromFiles(tried: string[]): Binding | undefined {
  const load = createRequire(import.meta.url);
  for (const folder of nativeFolders()) {
    const file = path.join(folder, 'tsbpftop.node');
    if (!existsSync(file)) continue;
    try {
      return {addon: load(file) as Addon, objectPath: (name) => path.join(folder, `${name}.bpf.o`)};
    } catch (error) {
      tried.push(`${file}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return undefined;
}

function fromAssets(temporary: string, tried: string[]): Binding | undefined {
  const addon = withAsset('tsbpftop.node', temporary, tried, (file) => {
    // not by require, which would ask for the path behind the link
    const loaded: {exports: unknown} = {exports: {}};
    process.dlopen(loaded, file);
    return loaded.exports as Addon;
  });
  if (addon === undefined) return undefined;
  const paths = new Map<string, string>();
  const objectPath = (name: string): string => {
    const file = paths.get(name) ?? withAsset(`${name}.bpf.o`, temporary, tried, (each) => each);
    if (file === undefined) throw new UserError(`cannot write out the object '${name}'`, {hint: tried.join('\n')});
    paths.set(name, file);
    return file;
  };
  return {addon, objectPath};
}
