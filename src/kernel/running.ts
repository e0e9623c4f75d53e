// The processes that run now, by /proc.
import {readdirSync, readFileSync} from 'node:fs';

interface Running {
  readonly pid: string;
  readonly comm: string;
}

export function runningProcesses(): readonly Running[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [{pid, comm: readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}];
      } catch {
        return []; // it has ended
      }
    });
}
