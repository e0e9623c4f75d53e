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
