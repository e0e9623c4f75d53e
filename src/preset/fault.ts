// A fault of a preset: what is wrong, where in the file, and what to try. Faults are collected and shown together.
import {nearest} from '../errors.ts';

export interface Fault {
  /** JSON pointer of the member, such as /by/1/format; '' for the whole file. */
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
  /** Wrong on every machine, not on this one alone. */
  readonly wrong?: boolean;
}

/** A message repeats what the user wrote, which may be pages of it. */
export const shortened = (message: string): string =>
  message.length <= 600 ? message : `${message.slice(0, 400)} … ${message.slice(-150)}`;

/** Thrown inside resolve and plan for one member; caught where the next member can still be looked at. */
export class PresetFault extends Error {
  readonly hint: string;

  constructor(message: string, hint = '') {
    super(shortened(message));
    this.name = 'PresetFault';
    this.hint = hint;
  }
}

/** What no machine could do: the preset itself is wrong. */
export class WrongPreset extends PresetFault {}

export const faultAt = (pointer: string, error: PresetFault): Fault => ({
  pointer,
  message: error.message,
  hint: error.hint,
  ...(error instanceof WrongPreset ? {wrong: true} : {}),
});

/** Does a part of the work, and keeps its fault with those of the other parts: then there is no result. */
export type Attempt = <T>(at: string, work: () => T) => T | undefined;

/** Those of one plan: the work goes on after one as far as it can, so that all are told at once. */
export class Faults {
  private readonly found: Fault[] = [];

  readonly attempt: Attempt = (at, work) => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof PresetFault)) throw error;
      this.add(faultAt(at, error));
      return undefined;
    }
  };

  get all(): readonly Fault[] {
    return this.found;
  }

  add(...faults: readonly Fault[]): void {
    this.found.push(...faults);
  }

  /** @throws PlanFaults where there is one */
  stop(): void {
    if (this.found.length > 0) throw new PlanFaults(this.found);
  }
}

export class PlanFaults extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => fault.message).join('; '));
    // a member that is looked at for key and value, or at both ends of a span, is told once
    this.faults = faults.filter(
      (fault, i) => faults.findIndex(({pointer, message}) => pointer === fault.pointer && message === fault.message) === i,
    );
  }
}

/** 'it has a, b, c', those near to what was wanted first: all of them where they are few. */
export function hintOf(wanted: string, names: readonly string[], verb = 'it has'): string {
  if (names.length === 0) return '';
  const near = nearest(wanted, names, names.length <= mostShown ? names.length : mostNear);
  const rest = names.length <= mostShown ? names.filter((name) => !near.includes(name)) : near.length > 0 ? [] : names.slice(0, mostOthers);
  const shown = [...near, ...rest];
  return `${verb} ${shown.join(', ')}${shown.length < names.length ? ` … (${names.length} in all)` : ''}`;
}
const mostShown = 12;
/** Of more than that: those that are near, or, where none is, the first. */
const mostNear = 5;
const mostOthers = 8;
