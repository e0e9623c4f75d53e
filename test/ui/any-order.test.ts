// Keys, clicks, pastes, refreshes and sizes in any order: after each the terminal shows what it shows when it is painted anew,
// and that is what the state says. The seed is said; TSBPFTOP_SEED and TSBPFTOP_MANY try others.
import assert from 'node:assert/strict';
import {EventEmitter} from 'node:events';
import type {WriteStream} from 'node:tty';
import test from 'node:test';
import {createElement} from 'react';
import {Hands} from '../../src/ui/hands.ts';
import {installFastOutput} from '../../src/ui/ink-output.ts';
import {keyReader} from '../../src/ui/keyboard.ts';
import {painter} from '../../src/ui/painter.ts';
import {Store} from '../../src/ui/store.ts';
import {Terminal} from '../../src/ui/terminal.ts';
import {themeOf} from '../../src/ui/theme.ts';
import {commandOf, hotkeys} from '../../src/view/hotkeys.ts';
import {type Scene, screenOf, targetAt} from '../../src/view/screen.ts';
import {currentName, initialState, modeOf} from '../../src/view/state.ts';
import {textOf} from '../../src/view/styles.ts';
import {cellsShown, emulator, shownAfter} from '../support/emulator.ts';
import {seeded} from '../support/seeded.ts';
import {entries, FakeSource} from '../support/fake-source.ts';
import {inkForAll} from '../support/ink.ts';
import {keyBytes} from '../support/key-bytes.ts';

const {render} = await inkForAll();
const {App} = await import('../../src/ui/app.tsx');

const theme = themeOf(true);
const seed = Number(process.env['TSBPFTOP_SEED'] ?? 5);
const steps = process.env['TSBPFTOP_MANY'] === undefined ? 250 : 1500;
const keys = [
  ...new Set(hotkeys.filter(({command}) => !['quit', 'suspend', 'repaint'].includes(command)).flatMap((hotkey) => hotkey.keys)),
];
const sizes: readonly (readonly [columns: number, lines: number])[] = [
  [80, 24],
  [40, 8],
  [120, 40],
  [30, 6],
  [200, 60],
  [63, 17],
];

/** A terminal as Node gives it, with an emulator behind it. */
class Tty extends EventEmitter {
  readonly fd = -1;
  columns = 80;
  rows = 24;
  readonly screen = emulator(80, 24);
  private written = '';

  write(text: string): boolean {
    this.written += text;
    return true;
  }
  async shown(): Promise<void> {
    // React and Ink draw in tasks of their own
    for (let quiet = 0; quiet < 3; ) {
      const before = this.written.length;
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.written.length === before ? quiet + 1 : 0;
    }
    const text = this.written;
    this.written = '';
    await shownAfter(this.screen, text);
  }
  resize(columns: number, lines: number): void {
    [this.columns, this.rows] = [columns, lines];
    this.screen.resize(columns, lines);
    this.emit('resize');
  }
  lines(): readonly string[] {
    return Array.from({length: this.rows}, (_, y) => this.screen.buffer.active.getLine(y)?.translateToString(true).trimEnd() ?? '');
  }
}

for (const ascii of [false, true])
  test(`keys, clicks, pastes and sizes in any order leave nothing of another screen${ascii ? ', with --ascii' : ''}`, async () => {
    installFastOutput();
    const random = seeded(seed);
    const any = <T>(all: readonly T[]): T => all[random(all.length)] as T;
    const tty = new Tty();
    const terminal = new Terminal(tty as unknown as WriteStream, {maxBytes: Infinity, mouse: false, basic: false, ascii, theme});
    const source = new FakeSource();
    const store = new Store({...initialState(entries, 'counts', 1, {columns: 80, lines: 24}), canTail: true, canMake: true});
    const scene = (): Scene => ({host: 'host', clock: '12:00:01', usage: undefined, ascii});
    const hands = new Hands({
      store,
      source,
      scene,
      theme,
      say: undefined,
      save: ({path}) => (path.includes('q') ? path : assert.fail('cannot write it')),
      quit: () => assert.fail('it quits'),
      suspend: () => {},
      repaint: () => terminal.repaint(),
    });
    terminal.on('measured', () => store.dispatch({type: 'resize', columns: tty.columns, lines: tty.rows}));
    source.subscribe((event) => store.dispatch({type: 'source', event}));
    terminal.enter();
    const app = render(createElement(App, {store, source, theme, spoken: false}), {
      stdout: terminal as unknown as WriteStream,
      debug: true,
      patchConsole: false,
      exitOnCtrlC: false,
    });
    const tell = painter(store, terminal, scene);
    terminal.on('laid', tell);
    store.subscribe(tell);
    tell();
    await tty.shown();

    const read = keyReader();
    const send = (bytes: string): void => {
      for (const input of read(bytes)) hands.take(input);
    };
    /** One of what may happen, and how it is called; undefined where it would end the program. */
    const happens = (): string | undefined => {
      const what = random(20);
      if (what < 14) {
        const key = any([...keys, 'x', 'é', '日', 'q']);
        if (key === 'q' && commandOf('q', modeOf(store.state)) !== 'type') return undefined;
        send(keyBytes(key));
        return key;
      }
      if (what < 16) {
        source.refresh(currentName(store.state));
        return 'refresh';
      }
      if (what < 17) {
        const [columns, lines] = any(sizes);
        tty.resize(columns, lines);
        return `${columns}x${lines}`;
      }
      if (what < 18) {
        send(`\u001B[<${64 + random(2)};5;5M`);
        return 'wheel';
      }
      if (what < 19) {
        send(`\u001B[200~${'long text, 日本 q\n'.repeat(random(30))}\u001B[201~`);
        return 'paste';
      }
      const [column, line] = [random(tty.columns), random(tty.rows)];
      const target = targetAt(screenOf(store.state, scene()), column, line, store.state.lines - 1);
      if (target?.kind === 'key' && target.command === 'quit') return undefined;
      for (let n = random(2); n >= 0; n--) send(`\u001B[<0;${column + 1};${line + 1}M`);
      return `click ${JSON.stringify(target)}`;
    };
    const done: string[] = [];
    for (let n = 0; n < steps; n++) {
      const name = happens();
      if (name === undefined) continue;
      done.push(name);
      await tty.shown();
      const said = `seed ${seed}, after ${done.slice(-15).join(' ')}`;
      const drawn = cellsShown(tty.screen);
      terminal.repaint();
      await tty.shown();
      const anew = cellsShown(tty.screen);
      // the first line that is another says more than all of them
      const other = drawn.findIndex((line, y) => line !== anew[y]);
      assert.equal(drawn[other], anew[other], said);
      const {overlay} = store.state;
      if (ascii || overlay === 'help' || overlay === 'detail') continue;
      const {head, body, foot} = screenOf(store.state, scene());
      const blank = Array.from({length: tty.rows - head.length - body.length - 1}, () => '');
      const wanted = [...[...head, ...body].map((line) => textOf(line).trimEnd()), ...blank, textOf(foot).trimEnd()];
      assert.deepEqual(tty.lines(), wanted, said);
    }
    app.unmount();
  });
