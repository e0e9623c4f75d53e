// Under real container engines: what the columns say of processes in containers, from this machine and from inside one, by the
// commands of docs/install.md. No part of `npm test`, since few machines have engines: `npm run test:engines`.
import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import test, {after, type TestContext} from 'node:test';
import {commandsOf} from '../support/doc-commands.ts';
import {bound, Engine, type EngineName, hasEveryCapability, mayRaiseLimits, noEngine, programInside} from '../support/engines.ts';
import {type JsonLine, noPrivilege, Program} from '../support/program.ts';
import {Term} from '../support/term.ts';
import {Workloads} from '../support/workloads.ts';

const workloads = new Workloads();
const rounds = noPrivilege() === undefined ? workloads.c('rounds', ['-static', '-g', '-fno-omit-frame-pointer']) : '';
const names: readonly EngineName[] = ['docker', 'podman'];
const docsLines = commandsOf('docs/install.md').filter(({line}) => line.startsWith('docker run'));
const manifestCapabilities = ['BPF', 'PERFMON', 'SYS_PTRACE', 'SYS_RESOURCE', 'DAC_READ_SEARCH'];

/** A container in which `rounds` waits. */
class Worker {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly engine: Engine;
  private said = '';

  constructor(engine: Engine, name: string) {
    this.engine = engine;
    this.name = name;
    const [file = '', ...rest] = engine.running(['-i', '--name', name], ['/bin/rounds', name]);
    this.child = spawn(file, rest, {stdio: ['pipe', 'pipe', 'inherit']});
    this.child.stdout?.on('data', (data) => (this.said += data));
  }

  async ready(): Promise<{readonly id: string; readonly pid: number}> {
    await this.until(/ready/);
    const [id = '', pid = ''] = this.engine.output('inspect', '-f', '{{.Id}} {{.State.Pid}}', this.name).split(' ');
    return {id: id.slice(0, 12), pid: Number(pid)};
  }

  async opens(times: number): Promise<void> {
    const rounds = this.said.split('done').length;
    this.child.stdin?.write(`${times}\n`);
    await this.until(new RegExp(`(done\\s+){${rounds}}`));
  }

  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin?.end();
    await ended;
  }

  private async until(what: RegExp): Promise<void> {
    while (!what.test(this.said)) {
      assert.equal(this.child.exitCode, null, `${this.name} ended: ${this.said}`);
      await Promise.race([once(this.child.stdout as NodeJS.ReadableStream, 'data'), once(this.child, 'exit')]);
    }
  }
}

const workerOf = async (engine: Engine, context: TestContext, name: string) => {
  const worker = new Worker(engine, name);
  context.after(() => worker.end());
  return {worker, ...(await worker.ready())};
};

const view = (name: string): readonly string[] => [
  ...['--json', '-d', '0.2', '-e', 'syscall:openat', '--by', 'pid,container,cgroup,exe', '--measure', 'count', '--comm', name],
];
/** By hand: Program starts nothing but this program. */
const inContainer = (engine: Engine, flags: readonly string[], args: readonly string[]): Program =>
  new Program([], {command: engine.running([...flags, ...bound], [...programInside, ...args])});

async function counted(program: Program, worker: Worker): Promise<JsonLine['rows'][number] | undefined> {
  await program.until((each) => each.lines()[0]);
  await worker.opens(300);
  await program.until((each) => each.lines().at(-1)?.rows[0]?.total['count'] === 300);
  await program.stop();
  return program.lines().at(-1)?.rows[0];
}

/** Its flags in the words of an engine here: without a terminal, and without what this machine cannot give. */
function flagsOf(engine: Engine, line: readonly string[]): readonly string[] {
  const flags = line.slice(2, line.indexOf('IMAGE')).filter((word) => word !== '--rm' && word !== '-it');
  return flags.flatMap((word, i) => {
    if (word === '--cap-add') return [];
    return flags[i - 1] === '--cap-add' ? granted(engine, word) : [word];
  });
}

/** As the page says of engines that do not know a capability. */
function granted(engine: Engine, capability: string): readonly string[] {
  if (capability === 'SYS_RESOURCE' && !mayRaiseLimits) return [];
  return ['--cap-add', engine.knows(capability) ? capability : 'SYS_ADMIN'];
}

for (const name of names) {
  const reason = noPrivilege() ?? noEngine(name);
  const skip = reason ?? false;
  const timeout = 60_000;
  let started: Promise<Engine> | undefined;
  const theEngine = (): Promise<Engine> => (started ??= Engine.start(name, {'bin/rounds': rounds}));
  after(async () => (await started)?.stop());

  test(`${name}: from the machine, a container is called by the id that the engine shows, and its process by number and program`, {
    skip,
    timeout,
  }, async (context) => {
    const engine = await theEngine();
    const program = new Program(view(`wl-${name}`));
    await program.until((each) => each.lines()[0]);
    const {worker, id, pid} = await workerOf(engine, context, `wl-${name}`);
    const row = await counted(program, worker);
    assert.deepEqual([row?.key['pid'], row?.key['container'], row?.key['exe']], [pid, id, '/bin/rounds']);
    assert.ok(String(row?.key['cgroup']).includes(id));
  });

  test(`${name}: containers that begin one behind another all have their names`, {skip, timeout}, async (context) => {
    const engine = await theEngine();
    const program = new Program([
      '--json',
      '-d',
      '0.1',
      '-e',
      'syscall:openat',
      '--by',
      'container',
      '--measure',
      'count',
      '--where',
      "comm == 'wl-next*'",
    ]);
    context.after(() => program.stop());
    await program.until((each) => each.lines()[0]);
    const ids: string[] = [];
    for (const number of [1, 2, 3]) {
      const worker = new Worker(engine, `wl-next-${number}`);
      context.after(() => worker.end());
      ids.push((await worker.ready()).id);
      await worker.opens(10 * number);
    }
    await program.until((each) => each.lines().at(-1)?.rows.length === 3);
    await program.until((each) =>
      each
        .lines()
        .at(-1)
        ?.rows.every(({key}) => ids.includes(String(key['container']))),
    );
    await program.stop();
  });

  test(`${name}: -p, functions and stacks of a process in a container, by paths of its own`, {skip, timeout}, async (context) => {
    const engine = await theEngine();
    const {worker, id, pid} = await workerOf(engine, context, `wl-up-${name}`);
    for (const file of ['/bin/rounds', `/proc/${pid}/exe`, `/proc/${pid}/root/bin/rounds`]) {
      const program = new Program(['--json', '-d', '0.2', '-p', String(pid), '-e', `uprobe:${file}:work_a`, '--by', 'container,ustack']);
      const row = await counted(program, worker);
      assert.equal(row?.key['container'], id, file);
      assert.match(String(row?.key['ustack']), /work_a.*main/, file);
    }
  });

  for (const [number, {words}] of docsLines.entries()) {
    const privileged = words.includes('--privileged');
    const impossible =
      privileged && name === 'docker' && !hasEveryCapability ? 'docker gives every capability, and not all are here' : skip;
    test(`${name}: from inside, by command ${number + 1} of docs/install.md, numbers and names are the machine’s`, {
      skip: reason ?? impossible,
      timeout,
    }, async (context) => {
      const engine = await theEngine();
      const {worker, id, pid} = await workerOf(engine, context, `wl-${number}-${name}`);
      const flags = flagsOf(engine, words);
      const row = await counted(inContainer(engine, flags, view(worker.name)), worker);
      assert.deepEqual([row?.key['pid'], row?.key['container'], row?.key['exe']], [pid, id, '/bin/rounds']);
      const uprobe = ['--json', '-d', '0.2', '-p', String(pid), '-e', 'uprobe:/bin/rounds:work_a', '--by', 'container,ustack'];
      const called = await counted(inContainer(engine, flags, uprobe), worker);
      assert.match(String(called?.key['ustack']), /work_a.*main/);
      const term = new Term([], {command: engine.running([...flags, '-it', ...bound], [...programInside, ...view(worker.name).slice(1)])});
      context.after(() => term.kill());
      await term.until('events/s');
      await worker.opens(300);
      await term.until(new RegExp(`${pid} +${id}`));
      await term.press('q').ended;
    });
  }

  test(`${name}: with namespaces of its own, and the machine’s cgroups bound in, containers have their names`, {
    skip,
    timeout,
  }, async (context) => {
    const engine = await theEngine();
    const {worker, id, pid} = await workerOf(engine, context, `wl-ns-${name}`);
    const least = flagsOf(engine, docsLines[1]?.words ?? []).filter((word) => !/^--(pid|cgroupns)=/.test(word));
    const row = await counted(inContainer(engine, least, view(worker.name)), worker);
    assert.deepEqual([row?.key['pid'], row?.key['container'], row?.key['exe']], [pid, id, `~pid ${pid}`]);
    const {status, stderr} = await inContainer(engine, least, ['-b', 'openat', '-n', '1', '-p', '1']).ended;
    assert.equal(status, 1);
    assert.match(stderr, /-p 1 would mean another process/);
  });

  test(`${name}: metrics as the DaemonSet of docs/kubernetes.yaml serves them, and the screen beside them`, {
    skip,
    timeout,
  }, async (context) => {
    const engine = await theEngine();
    const {worker, pid} = await workerOf(engine, context, `wl-serve-${name}`);
    const given = manifestCapabilities.flatMap((each) => granted(engine, each));
    const shared = ['/sys/kernel/tracing', '/sys/kernel/btf', '/sys/fs/cgroup'].flatMap((each) => ['-v', `${each}:${each}:ro`]);
    const flags = ['--name', 'served', '--pid=host', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', ...given, ...shared];
    const safe = ['--security-opt', 'no-new-privileges', '--security-opt', 'seccomp=unconfined', ...bound];
    const args = ['serve', '--listen', '0.0.0.0:9435', '-e', 'syscall:openat', '--by', 'pid,comm', '--comm', worker.name];
    const program = new Program([], {command: engine.running([...flags, ...safe], [...programInside, ...args])});
    context.after(() => engine.output('rm', '-f', 'served'));
    await program.until(({stderr}) => stderr.includes('9435'));
    const page = (name: string): string => engine.output('exec', 'served', 'wget', '-qO-', `http://127.0.0.1:9435/${name}`);
    assert.equal(page('healthz'), 'ok');
    await worker.opens(300);
    const counted = `tsbpftop_openat_events_total{pid="${pid}",comm="${worker.name}"} 300\n`;
    while (!page('metrics').includes(counted)); // an answer is good for half a second
    const term = new Term([], {command: engine.command('exec', '-it', 'served', ...programInside, ...view(worker.name).slice(1))});
    context.after(() => term.kill());
    await term.until('events/s');
    await worker.opens(300);
    await term.until(new RegExp(`${pid} `));
    await term.press('q').ended;
  });
}
