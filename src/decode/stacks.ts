// The word of a stack in a key, as native/bpf/probe.h makes it, and how a stack is put on one line. Pure.
import type {Cell, ViewShape} from './frame.ts';
import type {LateLookups} from './late.ts';
import {safeString} from './safe-text.ts';

const none = 0xffff_fffen;
const lost = 0xffff_ffffn;

/** Number of a stack in the map `stacks`; undefined: there is none, or it was lost. */
export function stackNumber(kind: 'kernelStack' | 'userStack', word: bigint): number | undefined {
  const number = kind === 'userStack' ? word >> 32n : word;
  return number >= none ? undefined : Number(number);
}

const mapShift = 24; // STACK_MAP_SHIFT of probe.h
/** Maps of stacks, each for those that find their place taken in the one before. */
export const stackMaps = ['stacks', 'stacks_2', 'stacks_3'] as const;

interface StackPlace {
  readonly map: string;
  readonly place: number;
}

export const stackPlace = (number: number): StackPlace => ({
  map: stackMaps[number >>> mapShift] ?? stackMaps[0],
  place: number & ((1 << mapShift) - 1),
});

/** The process whose stack it is. */
export const stackProcess = (word: bigint): number => Number(word & 0xffff_ffffn);

/** A line of more functions than this is read by nobody; JSON and the stack's own view have all of them. */
const mostOnALine = 16;

export function stackCell(kind: 'kernelStack' | 'userStack', word: bigint, late: LateLookups | undefined): Cell {
  const number = kind === 'userStack' ? word >> 32n : word;
  if (number === lost) return framesCell(['<stack lost>']);
  if (number === none) return framesCell(['[no stack]']);
  return framesCell((late?.stack(kind, word) ?? [`unknown:${number}`]).map(safeString));
}

/** Of a probe's own making, between the place that it is about and the program that counts. */
const probing =
  /^(bpf_prog_\w+_probe \[bpf\]|bpf_trampoline_\w+( \[bpf\])?|bpf_trace_run\d+|__bpf_trace_\w+|__traceiter_\w+|trace_call_bpf|perf_(trace|syscall)_\w+)$/;

/** A kernel stack from the place on that was probed. */
export function withoutProbing(frames: readonly string[]): readonly string[] {
  const first = frames.findIndex((frame) => !probing.test(frame));
  return first <= 0 ? frames : frames.slice(first);
}

/** What the addon calls an address that lies in no mapping of the process. */
export const unmapped = '[unknown]';

/** Such addresses are what a walk comes upon where there are no frame pointers: as many as they are, they say one thing. */
export const withoutRepeats = (frames: readonly string[]): readonly string[] =>
  frames.filter((frame, i) => frame !== unmapped || frames[i - 1] !== unmapped);

/** A stack as a cell: its functions, leaf first. */
export function framesCell(frames: readonly string[]): Cell {
  const more = frames.length - mostOnALine;
  const text = frames.slice(0, mostOnALine).join(' ← ') + (more > 0 ? ` ← … ${more} more` : '');
  return {text, value: frames.join(' ← '), frames};
}

/** Whether rows of the view have call chains. */
export const hasStacks = ({keys}: Pick<ViewShape, 'keys'>): boolean => keys.some(({stack}) => stack !== undefined);
