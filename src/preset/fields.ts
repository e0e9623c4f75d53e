// THE table of fields that every probe has: of the current task and of the event. resolve.ts says how each is read; messages,
// completion and the screen's builder list them from here. Pure.

interface EventField {
  readonly says: string;
  /** The program reads it as one word. */
  readonly source?: string;
  /** Compared or measured, and seldom what rows are grouped by. */
  readonly seldom?: true;
}

export const eventFields: Readonly<Record<string, EventField>> = {
  comm: {says: 'name of the task'},
  pid: {says: 'process', source: 'SOURCE_PID'},
  tid: {says: 'thread', source: 'SOURCE_TID'},
  exe: {says: 'program file of the process'},
  cmdline: {says: 'its command line'},
  container: {says: 'its container', source: 'SOURCE_CGROUP'},
  cgroup: {says: 'its cgroup', source: 'SOURCE_CGROUP'},
  user: {says: 'its user', source: 'SOURCE_UID'},
  uid: {says: 'number of its user', source: 'SOURCE_UID'},
  gid: {says: 'number of its group', source: 'SOURCE_GID'},
  ppid: {says: 'its parent process'},
  cpu: {says: 'processor', source: 'SOURCE_CPU'},
  func: {says: 'which of the probed functions it was'},
  kstack: {says: 'stack of the kernel'},
  ustack: {says: 'stack of the program'},
  argv: {says: 'its command line, as it was started', seldom: true},
  self: {says: "tsbpftop's own process", seldom: true},
  curtask: {says: "the kernel's struct of the task", seldom: true},
};

/** Those that rows are grouped by. */
export const groupFields: readonly (readonly [name: string, says: string])[] = Object.entries(eventFields).flatMap(
  ([name, {says, seldom}]) => (seldom === true ? [] : [[name, says] as const]),
);
