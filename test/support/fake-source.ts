// A source without a kernel, for screens: views of each kind, whose frames come when the test says so, and answers to whatever
// the screen asks.
import {histogram, readSlots} from '../../src/decode/buckets.ts';
import type {Row, ViewShape} from '../../src/decode/frame.ts';
import type {Drill, Maker, Source, SourceEvent, ViewEntry} from '../../src/view/source.ts';
import {countShape, frame, row} from './frames.ts';

const log2 = {kind: 'log2'} as const;
const slots = (n: number): ReturnType<typeof readSlots> => {
  const words = new BigUint64Array(66).map((_, i) => (i > 5 && i < 12 + (n % 20) ? BigInt(n * i) : 0n));
  return readSlots(new DataView(words.buffer), 0, 66);
};

export const shapes: readonly ViewShape[] = [
  {...countShape, name: 'counts', keys: [{name: 'comm', title: 'COMM', align: 'left', task: true}]},
  {...countShape, name: 'hists', hist: {unit: 'ns', scale: log2}},
  {
    ...countShape,
    name: 'stacks',
    keys: [
      {name: 'comm', title: 'COMM', align: 'left'},
      {name: 'kstack', title: 'KSTACK', align: 'left', stack: 'kstack'},
    ],
  },
  {
    ...countShape,
    name: 'wide',
    keys: ['comm', 'path', 'error'].map((name) => ({name, title: name.toUpperCase(), align: 'left'})),
    measures: [...countShape.measures, {name: 'sum', title: 'SUM', op: 'sum', unit: 'bytes'}],
  },
];

export const names = [
  'node',
  '日本語のとても長い名前です',
  'e\u0301'.repeat(40),
  'x'.repeat(300),
  'ü b',
  'postgres',
  '/usr/lib/a/very/long/path',
];

export const entries: readonly ViewEntry[] = [
  ...shapes.map(({name}) => ({
    name,
    title: `${name} by what they are`,
    group: 'g',
    description: 'd '.repeat(30),
    ...(name === 'counts' ? {drill: {to: 'hists', column: 0}} : {}),
  })),
  {name: 'costly', title: 'costly', group: 'h', description: 'd', warning: 'w '.repeat(90)},
  {name: 'cannot', title: 'cannot', group: 'h', description: 'd', unavailable: 'no such function'},
];

export function rowsOf(shape: ViewShape, tick: number): readonly Row[] {
  return names.slice(0, 1 + (tick % names.length)).map((name, i) => {
    const plain = row(name, 100 * tick + i, tick % (i + 2));
    const frames = ['schedule', 'do_syscall_64', i % 2 === 0 ? 'entry' : name];
    return {
      ...plain,
      key: shape.keys.map(({stack}) => (stack === undefined ? {text: name, value: name} : {text: frames.join(' ← '), value: name, frames})),
      total: shape.measures.map(() => 100 * tick + i),
      ...(shape.hist === undefined ? {} : {hist: histogram(slots(tick + 1), slots(tick), log2)}),
    };
  });
}

export class FakeSource implements Source {
  readonly views = entries;
  private readonly listeners = new Set<(event: SourceEvent) => void>();
  private ticks = 0;
  private tailed: {readonly view: string; readonly row: string} | undefined;

  subscribe = (listener: (event: SourceEvent) => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  open = (view: string, drill?: Drill): void => {
    const shape = this.shapeOf(drill?.to ?? view);
    this.tell({type: 'opened', view, shape: {...shape, name: view}, details: [['preset', '{\n  "name": "x"\n}']]});
    this.refresh(view);
  };
  setInterval = (): void => {};
  want = (): void => {};
  check = (): void => {
    this.tell({
      type: 'checked',
      unavailable: Object.fromEntries(entries.map(({name}) => [name, name === 'wide' ? 'kprobe:a: not here' : ''])),
    });
  };
  tail = (asked: {readonly view: string; readonly row: string} | undefined): void => {
    this.tailed = asked;
  };
  readonly maker: Maker = {
    find: (query) =>
      this.tell({type: 'found', query, choices: ['a', 'b', 'c'].map((each) => ({text: `kprobe:${each}${query}`, says: 'a function'}))}),
    describe: (probe) =>
      this.tell({type: 'described', probe, fields: names.map((text) => ({text, says: 'u64', number: true})), spans: true}),
    make: ({name}) =>
      this.tell(
        name === 'x'
          ? {type: 'made', fault: 'it exists'}
          : {type: 'made', entry: {name: `made${this.ticks++}`, title: 'made', group: 'made', description: ''}},
      ),
  };

  /** What comes next of this view: mostly a refresh, now and then a failure, a trouble, or events of a row. */
  refresh(view: string): void {
    const n = this.ticks++;
    const time = Date.UTC(2026, 0, 1) + n * 1300;
    if (this.tailed !== undefined) {
      const events = [{time: '00:00:00.000001', comm: names[n % names.length] ?? '', pid: n, tid: n, values: [n * 1000]}];
      this.tell({type: 'tail', ...this.tailed, columns: [{title: 'DURATION', unit: 'ns'}], events, unsent: n % 3});
    }
    if (n % 31 === 30) return this.tell({type: 'failed', view, message: 'm '.repeat(80), hint: 'h'});
    if (n % 13 === 12) return this.tell({type: 'trouble', view, message: n % 2 === 0 ? '' : 'line 3: no such field'});
    const status = n % 5 === 4 ? 'partial' : 'exact';
    const rows = n % 11 === 10 ? [] : rowsOf(this.shapeOf(view), n);
    this.tell({type: 'frame', frame: frame(rows, {view, time, seq: n, status, reasons: status === 'exact' ? [] : ['a map is full']})});
  }

  private shapeOf(view: string): ViewShape {
    return shapes.find(({name}) => view.startsWith(name)) ?? (shapes[0] as ViewShape);
  }

  private tell(event: SourceEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
