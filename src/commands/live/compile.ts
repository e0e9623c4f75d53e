// Compiles a user's eBPF source by the machine's clang, into a private folder that is gone again before this returns.
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {safeString} from '../../decode/safe-text.ts';
import {UserError} from '../../errors.ts';
import {clangs, programInPath} from '../../kernel/program-path.ts';
import {refuseToRoot} from './own-files.ts';

const systemFolders = ['/usr/sbin', '/sbin', '/usr/local/sbin'];
const mostErrors = 20;

interface Compiled {
  readonly object: Uint8Array;
  /** Of the source and all that it included. */
  readonly digest: string;
  readonly files: readonly string[];
}

export class Compiler {
  private readonly searchPath: string;
  private readonly sudoUser: number;
  /** By the source's path: nothing is compiled twice while none of its files has changed. */
  private readonly known = new Map<string, Compiled>();

  constructor(searchPath: string, sudoUser: number) {
    this.searchPath = searchPath;
    this.sudoUser = sudoUser;
  }

  /** The clang that would be used, or undefined. */
  clang(): string | undefined {
    return programInPath(clangs, this.searchPath);
  }

  async compile(file: string): Promise<Uint8Array> {
    const known = this.known.get(file);
    if (known !== undefined && digestOf(known.files) === known.digest) return known.object;
    const clang = this.clang();
    if (clang === undefined)
      throw new UserError(`source '${file}' cannot be compiled: this machine has no clang`, {
        hint: 'apt-get install clang, or compile it elsewhere and give "object"',
      });
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-compile-')); // 0700
    try {
      const compiled = await this.into(folder, clang, file);
      this.known.set(file, compiled);
      return compiled.object;
    } finally {
      rmSync(folder, {recursive: true, force: true});
    }
  }

  private async into(folder: string, clang: string, file: string): Promise<Compiled> {
    const [object, dependencies] = [path.join(folder, 'object.o'), path.join(folder, 'object.d')];
    const [arch, multiarch] = process.arch === 'arm64' ? ['arm64', 'aarch64-linux-gnu'] : ['x86', 'x86_64-linux-gnu'];
    const args = (quick: boolean): readonly string[] => [
      ...['-g', '-O2', '-target', 'bpf', '-mcpu=v3', `-D__TARGET_ARCH_${arch}`, '-fno-color-diagnostics', '-fno-caret-diagnostics'],
      ...['-I', path.dirname(file), '-I', folder, '-isystem', `/usr/include/${multiarch}`],
      ...(quick ? ['-fsyntax-only'] : ['-MD', '-MF', dependencies, '-o', object]),
      ...['-c', file],
    ];
    let {status, text} = await run(clang, args(false));
    if (status !== 0 && /'vmlinux\.h' file not found/.test(text)) {
      await this.vmlinux(folder, file);
      ({status, text} = await run(clang, args(false)));
    }
    if (status !== 0) throw compileError(file, text);
    const files = [...filesOf(readFileSync(dependencies, 'utf8')).filter((each) => !each.startsWith(folder))];
    // headers beside the source are as good as it is
    for (const each of files) refuseToRoot(each, 'a file of the source,', this.sudoUser);
    return {object: new Uint8Array(readFileSync(object)), digest: digestOf(files), files};
  }

  /** The kernel's types as a header: of its BTF, by bpftool. */
  private async vmlinux(folder: string, file: string): Promise<void> {
    const btf = '/sys/kernel/btf/vmlinux';
    const bpftool = programInPath(['bpftool'], [this.searchPath, ...systemFolders].join(':'));
    const why = !existsSync(btf)
      ? 'this kernel has no BTF to make one of'
      : bpftool === undefined
        ? 'there is no bpftool to make one'
        : undefined;
    if (why !== undefined || bpftool === undefined)
      throw new UserError(`source '${file}' includes vmlinux.h, which is not there, and ${why}`, {
        hint: 'apt-get install bpftool, or put a vmlinux.h beside the source',
      });
    const {status, text, out} = await run(bpftool, ['btf', 'dump', 'file', btf, 'format', 'c']);
    if (status !== 0)
      throw new UserError(`source '${file}' includes vmlinux.h, and bpftool cannot make one: ${safeString(firstLine(text))}`);
    writeFileSync(path.join(folder, 'vmlinux.h'), out, {mode: 0o600});
  }
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

/** No shell: what stands in a path stays a path. */
function run(command: string, args: readonly string[]): Promise<{status: number; text: string; out: string}> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe'], env: {PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8'}});
    let [out, text] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (text += data));
    child.on('error', (error) => reject(new UserError(`cannot run '${command}': ${error.message}`)));
    child.on('close', (status) => resolve({status: status ?? 1, text, out}));
  });
}

/** clang's errors, a line each, with the place in the source. */
function compileError(file: string, text: string): UserError {
  const errors = text.split('\n').filter((line) => /: (fatal )?error: /.test(line));
  const shown = (errors.length > 0 ? errors : text.trim().split('\n')).slice(0, mostErrors).map(safeString);
  const more = errors.length > mostErrors ? [`… ${errors.length} in all`] : [];
  return new UserError(`source '${file}' does not compile: ${errors.length || 1} ${errors.length > 1 ? 'errors' : 'error'}`, {
    hint: [...shown, ...more].join('\n'),
    status: 2,
  });
}

/** Of make's rule that clang writes: "object.o: a.c \\\n  b.h". */
const filesOf = (rule: string): readonly string[] =>
  rule
    .replace(/^[^:]*:/, '')
    .replaceAll('\\\n', ' ')
    .split(/(?<!\\)\s+/)
    .filter((name) => name !== '')
    .map((name) => path.resolve(name.replaceAll('\\ ', ' ')));

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(existsSync(file) ? readFileSync(file) : 'gone');
  return hash.digest('hex');
}
