// A container as engines make them: pid, mount and cgroup namespaces, and a cgroup of the name that Docker gives. What the
// columns pid, container and exe say of a process in it, seen from the machine and from inside.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, {after} from 'node:test';
import {cli} from '../support/program.ts';

const unified = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';
const id = `cafe${'0'.repeat(59)}7`;
const cgroup = path.join(unified, `docker-${id}.scope`);
const work = mkdtempSync(path.join(os.tmpdir(), 'tsbpftop-container-'));
const here = {skip: process.getuid?.() === 0 && existsSync(path.join(unified, 'cgroup.procs')) ? false : 'needs root and cgroup v2'};
after(() => rmSync(work, {recursive: true, force: true}));

/** 100 opens by a program that says so, tells its number here, and stays until the file `end` is there. */
const program = (name: string): string =>
  `perl -e 'open C, ">/proc/self/comm"; print C "${name}"; close C; for (1..100) { open F, "<", "/etc/passwd"; close F } open P, "<", "/proc/self/stat"; print <P>; close P; $| = 1; open R, ">", "${work}/ready"; close R; select(undef, undef, undef, 0.05) until -e "${work}/end"'`;

function contained(script: string): ReturnType<typeof spawn> {
  mkdirSync(cgroup, {recursive: true});
  writeFileSync(
    path.join(work, 'script'),
    `mount -t proc proc /proc\numount -l ${unified}\nmount -t cgroup2 cgroup2 ${unified}\n${script}\n`,
  );
  const enter = `echo $$ > ${cgroup}/cgroup.procs; exec unshare -p -m -C --fork --kill-child sh ${work}/script`;
  return spawn('sh', ['-c', enter], {stdio: ['ignore', 'pipe', 'inherit']});
}

async function until(what: string, seen: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!seen()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const args = (name: string): string =>
  `-e syscall:openat --by pid,container,exe --measure count --where "args.dfd == -100" --comm ${name} --json -d 0.2`;
type Row = {key: {pid: number; container: string; exe: string}; total: {count: number}};
const rowsOf = (text: string): readonly Row[] => {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as {rows: readonly Row[]});
  return lines.at(-1)?.rows ?? [];
};

async function seenFrom(where: 'outside' | 'inside', name: string): Promise<{row: Row; hostPid: number}> {
  for (const file of ['ready', 'end', 'out']) rmSync(path.join(work, file), {force: true});
  const out = path.join(work, 'out');
  const watch = `${process.execPath} ${cli} ${args(name)} > ${out} & p=$!\nwhile ! grep -q '"seq":0' ${out}; do sleep 0.1; done`;
  // after it is ready, a whole refresh more
  const finish = `wait_for=$(grep -c seq ${out}); while [ $(grep -c seq ${out}) -lt $((wait_for + 2)) ]; do sleep 0.1; done; kill -INT $p; wait $p`;
  const ready = `while [ ! -e ${work}/ready ]; do sleep 0.1; done`;
  let observer: ReturnType<typeof spawn> | undefined;
  if (where === 'outside') {
    observer = spawn('sh', ['-c', `${watch}\n${ready}\n${finish}`], {stdio: ['ignore', 'inherit', 'inherit']});
    await until('the view is attached', () => textOf(out).includes('"seq":0'));
  }
  const inside = contained(where === 'inside' ? `${watch}\n${program(name)} &\n${ready}\n${finish}\nwait` : program(name));
  await until('the program is ready', () => existsSync(path.join(work, 'ready')));
  const found = spawnSync('pgrep', ['-x', name], {encoding: 'utf8'}).stdout.trim();
  if (observer !== undefined) await new Promise((resolve) => observer.once('exit', resolve));
  else await until('the last line', () => /"seq":\d+/.test(textOf(out)) && (textOf(out).match(/"count":100/g) ?? []).length > 1);
  writeFileSync(path.join(work, 'end'), '');
  await new Promise((resolve) => inside.once('exit', resolve));
  rmdirSync(cgroup);
  const [row, ...others] = rowsOf(textOf(out));
  assert.ok(row !== undefined && others.length === 0, textOf(out));
  return {row, hostPid: Number(found)};
}

test('from the machine, a process in a container has its number here, its container and its program', here, async () => {
  const {row, hostPid} = await seenFrom('outside', 'box-outside');
  assert.equal(row.key.pid, hostPid);
  assert.equal(row.key.container, id.slice(0, 12));
  assert.match(row.key.exe, /\/perl$/);
});

test('from inside, -p is refused, since the number would mean another process', here, async () => {
  const inside = contained(`${process.execPath} ${cli} -b openat -p 1 -n 1 > ${work}/refused 2>&1; echo $? >> ${work}/refused`);
  await new Promise((resolve) => inside.once('exit', resolve));
  rmdirSync(cgroup);
  assert.match(readFileSync(path.join(work, 'refused'), 'utf8'), /-p 1 would mean another process[\s\S]*--pid=host[\s\S]*\n1\n$/);
});
