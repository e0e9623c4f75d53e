// THE table of what is measured: under which name it is asked for, how long it takes about, and what has to be installed for it.
import type {Result} from '../measure.ts';
import {bytes} from './bytes.ts';
import {eventCosts, slowDowns} from './events.ts';
import {reading} from './maps.ts';
import {memory, starts, wildcard} from './process.ts';
import {keys, keysWhileReading, refreshes} from './screen.ts';

export interface Case {
  readonly name: string;
  readonly what: string;
  /** Seconds on two CPUs, with all peers; of a quick look, about a third. */
  readonly about: number;
  /** Names of peers.ts. Without a peer a case measures tsbpftop alone; without one of these it cannot be measured. */
  readonly needs: readonly string[];
  readonly measure: (quick: boolean) => Promise<readonly Result[]>;
}

export const cases: readonly Case[] = [
  {
    name: 'events',
    what: 'cost of an event in the kernel, beside bpftrace and C',
    about: 330,
    needs: ['gcc', 'clang', 'libbpf'],
    measure: (quick) => eventCosts(quick ? 2 : 7),
  },
  {
    name: 'slowdown',
    what: 'how much longer a traced loop takes, beside bpftrace',
    about: 70,
    needs: ['gcc'],
    measure: (quick) => slowDowns(quick ? 2 : 7),
  },
  {name: 'start', what: 'start to the first rows and to the first frame', about: 10, needs: [], measure: (quick) => starts(quick ? 3 : 11)},
  {name: 'memory', what: 'memory after a minute', about: 130, needs: ['gcc'], measure: (quick) => memory(quick ? 8 : 60)},
  {
    name: 'refresh',
    what: 'CPU of a refresh and of an idle view, beside htop',
    about: 110,
    needs: ['gcc'],
    measure: (quick) => refreshes(quick ? 6 : 20),
  },
  {
    name: 'bytes',
    what: 'bytes of a refresh, beside ncurses, htop, top and btop',
    about: 70,
    needs: ['gcc'],
    measure: (quick) => bytes(quick ? 5 : 15),
  },
  {name: 'keys', what: 'a key to the frame that answers it', about: 8, needs: [], measure: (quick) => keys(quick ? 2 : 7)},
  {
    name: 'maps',
    what: 'reading maps of up to a million keys, beside libbpf in C',
    about: 60,
    needs: ['gcc', 'libbpf'],
    measure: (quick) => reading(quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000], quick ? 3 : 7),
  },
  {
    name: 'million',
    what: 'keys and memory with a million keys',
    about: 15,
    needs: ['gcc'],
    measure: (quick) => keysWhileReading(quick ? 1 : 4),
  },
  // the last: bpftrace may still be detaching after it
  {
    name: 'wildcard',
    what: 'attaching and detaching 1,000 functions',
    about: 35,
    needs: ['gcc'],
    measure: (quick) => wildcard(quick ? 1 : 3),
  },
];
