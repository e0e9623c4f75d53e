// Gathers points into as few program instances as the kernel allows: points of one configuration share an instance, told
// apart as func-numbers.ts says; where nothing tells them apart each has its own, with its number as a constant. Pure.
import type {AttachSpec, ProgramType} from '../../native/contract.ts';
import {treeId} from '../expr-parts.ts';
import type {Value} from './encode.ts';
import type {FuncSource} from './func-numbers.ts';
import type {Ability} from '../machine.ts';
import type {PlannedPoint} from './planned-points.ts';
import type {Site} from '../points/point.ts';
import type {Program} from './program.ts';

export interface Instance {
  readonly planned: PlannedPoint;
  /** The program of this point; undefined when no event of it can pass. */
  readonly build: (func: FuncSource) => Program | undefined;
}

interface Group {
  readonly type: ProgramType;
  readonly target?: string;
  readonly config: Value;
  readonly attach: readonly AttachSpec[];
}

/** In kernels since 6.6, 5.18, 5.15, 5.12 and 5.11: a kernel that refuses may lack the newer and have the older. */
const newestFirst: readonly Ability[] = ['uprobeMulti', 'kprobeMulti', 'cookie', 'exchange', 'taskComm'];

/** Raw tracepoints got cookies in 6.10, trampolines have one program a function anyway. */
const hasCookie = (site: Site): boolean => site.kind !== 'raw_tracepoint' && site.kind !== 'trampoline';

export function attachments(
  instances: readonly Instance[],
  abilities: ReadonlySet<Ability>,
  pid: number | undefined,
  exchange: boolean,
): {readonly groups: readonly Group[]; readonly relies: readonly Ability[]} {
  const relies = new Set<Ability>(exchange ? ['exchange'] : []);
  const groups: Group[] = [];
  const together = new Map<string, {readonly config: Value; readonly points: PlannedPoint[]}>();
  const several = new Set(instances.map(({planned}) => planned.index)).size > 1;
  for (const {planned, build} of instances) {
    const {site} = planned.point;
    const cookie = several && hasCookie(site) && abilities.has('cookie');
    const config = build(cookie ? 'cookie' : planned.byAddress ? 'address' : 'constant')?.config();
    if (config === undefined) continue;
    const text = `${planned.point.program} ${kindOf(site)} ${treeId(config)}`;
    const known = together.get(text);
    if (known !== undefined && site.kind !== 'trampoline') known.points.push(planned);
    else together.set(site.kind === 'trampoline' ? `${text}${site.function}` : text, {config, points: [planned]});
  }
  for (const {config, points} of together.values()) {
    const usesCookie = treeId(config).includes('SOURCE_COOKIE');
    if (usesCookie) relies.add('cookie');
    if (/"task_comm":[1-9]/.test(treeId(config))) relies.add('taskComm');
    groups.push(groupOf(points, config, usesCookie, abilities, relies, pid ?? 0));
  }
  return {groups, relies: newestFirst.filter((each) => relies.has(each))};
}

/** Points of one program instance must be of one kind, and all of them entries or all returns. */
function kindOf(site: Site): string {
  if (site.kind === 'kprobe') return `kprobe${site.retprobe}${site.address !== undefined}`;
  return site.kind === 'uprobe' ? `${site.kind}${site.retprobe}` : site.kind;
}

function groupOf(
  points: readonly PlannedPoint[],
  config: Value,
  usesCookie: boolean,
  abilities: ReadonlySet<Ability>,
  relies: Set<Ability>,
  pid: number,
): Group {
  const first = points[0];
  if (first === undefined) throw new Error('an empty group');
  const {site, program} = first.point;
  // up to 6.9 a multi-uprobe with a pid sees only one thread of it: the addon tries that, and refuses it where it is so
  if ((points.length > 1 || abilities.has('onlyMulti')) && site.kind === 'uprobe' && abilities.has('uprobeMulti')) {
    relies.add('uprobeMulti');
    return {type: 'uprobe_multi', config, attach: byFile(points, pid)};
  }
  if (
    points.length > 1 &&
    site.kind === 'kprobe' &&
    abilities.has('kprobeMulti') &&
    points.every(({point}) => point.site.kind === 'kprobe' && point.site.offset === 0 && point.site.address === undefined)
  ) {
    relies.add('kprobeMulti');
    // the kernel wants the names sorted
    const sorted = [...points].sort((a, b) => (a.point.func < b.point.func ? -1 : 1));
    const attach = {
      kind: 'kprobe_multi',
      functions: sorted.map((each) => each.point.func),
      cookies: sorted.map((each) => each.index),
      retprobe: site.retprobe,
    } as const;
    return {type: 'kprobe_multi', config, attach: [attach]};
  }
  return {
    type: program,
    ...(site.kind === 'trampoline' ? {target: site.function} : {}),
    config,
    attach: points.map((each) => attachSpec(each, usesCookie, pid)),
  };
}

function byFile(points: readonly PlannedPoint[], pid: number): readonly AttachSpec[] {
  const files = new Map<string, {offsets: number[]; semaphores: number[]; cookies: number[]; retprobe: boolean}>();
  for (const {point, index} of points) {
    if (point.site.kind !== 'uprobe') continue;
    const {path, offset, semaphore, retprobe} = point.site;
    const file = files.get(path) ?? {offsets: [], semaphores: [], cookies: [], retprobe};
    files.set(path, file);
    file.offsets.push(offset);
    file.semaphores.push(semaphore);
    file.cookies.push(index);
  }
  return [...files].map(([path, file]) => ({kind: 'uprobe_multi', path, ...file, pid}));
}

export function attachSpec({point, index}: Pick<PlannedPoint, 'point' | 'index'>, usesCookie: boolean, pid: number): AttachSpec {
  const cookie = usesCookie ? index : 0;
  const {site} = point;
  switch (site.kind) {
    case 'tracepoint':
      return {...site, cookie};
    case 'raw_tracepoint':
      return site;
    case 'kprobe':
      return {...site, cookie};
    case 'uprobe':
      return {...site, cookie, pid};
    case 'perf_event':
      return {...site, cookie};
    case 'trampoline':
      return {kind: 'trampoline'};
  }
}
