// `npm run fuzz [-- --count N --seed N PARSER ...]`: the addon's own parsers, with sanitizers, on mutations of good files made
// here. Prints a line a parser; ends with 1 where an input ended it, and keeps that input.
import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {given} from './given.mjs';
import {guarded, root, setUp} from './steps.mjs';

const usage = `
npm run fuzz [-- --count N --seed N PARSER ...]

gives the addon's own parsers mutated files, under AddressSanitizer and UBSan.

  PARSER     elf debug usdt image btf object demangle table jit maps status; without one, all
  --count N  inputs for each (100000; of 'object' a fifth)
  --seed N   of the mutations (1)
`;
const {count, seed, words} = given(usage, {count: {type: 'string', default: '100000'}, seed: {type: 'string', default: '1'}});
await guarded(() => setUp());

const run = (command, ...args) => execFileSync(command, args, {cwd: root, stdio: ['ignore', 'ignore', 'inherit']});
run('make', '-s', `-j${os.availableParallelism()}`, '-C', 'native', 'fuzz');

const folder = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-fuzz-'));
const at = (name) => path.join(folder, name);
const text = (name, content) => {
  writeFileSync(at(name), content);
  return at(name);
};

function programs() {
  for (const name of ['calls', 'probes']) {
    // without <sys/sdt.h> there is one less
    const source = `test/fixtures/workloads/${name}.c`;
    spawnSync('gcc', ['-O1', '-g', '-o', at(name), source], {cwd: root, stdio: 'ignore'});
  }
  run('objcopy', '--only-keep-debug', at('calls'), at('calls.debug'));
  run('strip', '-o', at('stripped'), at('calls'));
  return ['calls', 'probes', 'calls.debug', 'stripped'].map(at).filter(existsSync);
}

function objects() {
  const include = `-I/usr/include/${os.arch() === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const flags = ['-O2', '-g', '-target', 'bpf', `-D__TARGET_ARCH_${os.arch() === 'arm64' ? 'arm64' : 'x86'}`, include];
  const own = ['many', 'churn', 'hostile', 'slow-opens'].map((name) => {
    run('clang', ...flags, '-c', `test/fixtures/objects/${name}.bpf.c`, '-o', at(`${name}.bpf.o`));
    return at(`${name}.bpf.o`);
  });
  return [...own, path.join(root, 'dist/probe.bpf.o')];
}

/** The bytes of a section of a 64-bit little-endian ELF file. */
function sectionOf(file, name) {
  const bytes = readFileSync(file);
  const word = (offset) => Number(bytes.readBigUInt64LE(offset));
  const headers = Array.from({length: bytes.readUInt16LE(60)}, (_, i) => word(40) + i * 64);
  const names = word(headers[bytes.readUInt16LE(62)] + 24);
  const found = headers.find((at) => bytes.toString('latin1', names + bytes.readUInt32LE(at)).startsWith(`${name}\0`));
  return bytes.subarray(word(found + 24), word(found + 24) + word(found + 32));
}

const types = (files) => files.map((file, i) => text(`${i}.btf`, sectionOf(file, '.BTF')));

const mangled = [
  '_ZN9__gnu_cxx17__normal_iteratorIPKcNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEEppEv',
  '_ZNSt6vectorISt4pairIiSt3mapIiS_IdSaIdEESt4lessIiESaIS0_IKiS3_EEEESaISA_EE9push_backEOSA_',
  '_ZZN3foo3barEvENKUlT_E_clIiEEDaS0_',
  '_ZN4core3ptr85drop_in_place$LT$std..rt..lang_start$LT$$LP$$RP$$GT$..$u7b$$u7b$closure$u7d$$u7d$$GT$17h0123456789abcdefE',
  '_Z1fIXadL_Z1gvEEEvDTcl1hfp_EE',
  '_ZTVN10__cxxabiv120__si_class_type_infoE',
];
const jitLines = Array.from(
  {length: 40},
  (_, i) => `${(0x7f0000001000 + i * 64).toString(16)} ${(64).toString(16)} LazyCompile:*f${i} /a.js:${i}`,
).join('\n');
const stat = `42 (a ) b) S 1 42 42 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 8642 1024 1 18446744073709551615\n`;
const status = `Name:\ta\nUid:\t1000\t1001\t1000\t1000\nNSpid:\t42\t7\n`;

/** Good inputs, by parser. */
function corpora() {
  const [elf, bpf] = [programs(), objects()];
  return {
    elf,
    debug: elf,
    usdt: elf,
    image: elf,
    btf: types(bpf),
    object: bpf,
    demangle: mangled.map((name, i) => text(`mangled${i}`, name)),
    table: [text('table', Buffer.from(Array.from({length: 24 * 20}, (_, i) => (i * 37) & 255)))],
    jit: [text('jit', jitLines)],
    maps: [text('maps', readFileSync('/proc/self/maps'))],
    status: [text('stat', stat), text('status', status)],
  };
}

/** The kernel takes its time for each object: a fifth of them. */
const countOf = (parser) => String(Math.ceil(Number(count) / (parser === 'object' ? 5 : 1)));

let failed = false;
try {
  for (const [parser, files] of Object.entries(corpora())) {
    if (words.length > 0 && !words.includes(parser)) continue;
    const program = path.join(root, 'dist/native/fuzz/fuzz');
    const ended = spawnSync(program, [parser, seed, countOf(parser), ...files], {
      cwd: os.tmpdir(),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (ended.status === 0) continue;
    process.stderr.write(`fuzz: ${parser} ended with ${ended.status ?? ended.signal}; its input is in ${os.tmpdir()}/fuzz-input\n`);
    failed = true;
  }
} finally {
  rmSync(folder, {recursive: true, force: true});
}
process.exit(failed ? 1 : 0);
