// What the checks inside say to the outside: one JSON object a line.

export type Message = Begin | Result | End;
export interface Begin {
  readonly kind: 'begin';
  readonly release: string;
}
export interface End {
  readonly kind: 'end';
}
/** What of the machine is as usual, or taken away. */
export type Phase = 'whole' | 'no batch reads' | 'no BTF' | 'lockdown=integrity' | 'lockdown=confidentiality';
/** Those of one boot each, in order: a lockdown stays until the end. */
export const boots: readonly (readonly Phase[])[] = [
  ['whole'],
  ['no batch reads', 'no BTF', 'lockdown=integrity', 'lockdown=confidentiality'],
];
export interface Result {
  readonly kind: 'result';
  readonly phase: Phase;
  readonly rule: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What the table says: 'exact', or why it is refused; for a failure, what was found. */
  readonly says: string;
  readonly seconds: number;
}
