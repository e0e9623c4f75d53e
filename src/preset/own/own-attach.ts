// Where a program of one's own is attached when the preset says so, in place of its section: every point of the probe's
// spelling, if the program is of that probe's kind. Pure.
import type {OwnProgramSpec, ProgramShape} from '../../native/contract.ts';
import {attachSpec} from '../program/attachments.ts';
import {PresetFault, WrongPreset} from '../fault.ts';
import type {Machine} from '../machine.ts';
import type {Point} from '../points/point.ts';
import type {Preset} from '../preset.ts';
import {pointsOf} from '../probes.ts';

export function attachmentOf(
  program: ProgramShape,
  probe: string,
  preset: Preset,
  machine: Machine,
): {readonly spec: Pick<OwnProgramSpec, 'attach' | 'type' | 'target'>; readonly points: readonly string[]} {
  const points = pointsOf(probe, machine, preset);
  const [first] = points;
  if (first === undefined) throw new PresetFault(`no point of this machine is '${probe}'`);
  if (points.length > preset.maxProbes)
    throw new PresetFault(`${points.length} probes, and at most ${preset.maxProbes} are allowed`, 'a narrower wildcard, or "maxProbes": N');
  const type = typeOf(program, first, probe);
  const isTracing = program.type === 'tracing';
  if (isTracing && points.length > 1)
    throw new PresetFault(
      `'${probe}' are ${points.length} points, and program '${program.name}' can be attached to one`,
      `a program of another kind can be attached to many: SEC("kprobe")`,
    );
  const spec: Pick<OwnProgramSpec, 'attach' | 'type' | 'target'> = isTracing
    ? {type, target: first.func, attach: [{kind: 'trampoline'}]}
    : {type, attach: points.map((point) => attachSpec({point, index: 0}, false, 0))};
  return {spec, points: points.map((point) => point.probe)};
}

/** A program is written for the context of its kind: attached elsewhere it would read what is not there. */
function typeOf(program: ProgramShape, point: Point, probe: string): NonNullable<OwnProgramSpec['type']> {
  const section = program.section.replace(/^\?/, '');
  const wanted = point.program;
  const isTracing = program.type === 'tracing';
  const has = isTracing ? (tracingKinds.find(([prefix]) => section.startsWith(prefix))?.[1] ?? section) : program.type;
  if (has !== wanted)
    throw new WrongPreset(
      `program '${program.name}' is of section '${section}', and '${probe}' wants another kind`,
      `a program for it has SEC("${point.site.kind === 'uprobe' ? 'uprobe' : (suggested[wanted] ?? wanted)}")`,
    );
  return isTracing && wanted === 'raw_tracepoint' ? 'tp_btf' : wanted;
}

/** Sections of what libbpf calls tracing, and what each is for. */
const tracingKinds = [
  ['tp_btf', 'raw_tracepoint'],
  ['fexit', 'fexit'],
  ['fentry', 'fentry'],
] as const;
const suggested: Readonly<Record<string, string>> = {tracepoint: 'tp', raw_tracepoint: 'raw_tp'};
