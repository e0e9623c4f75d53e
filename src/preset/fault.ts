// A fault of a preset: what is wrong, where in the file, and what to try. Faults are collected and shown together.

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
