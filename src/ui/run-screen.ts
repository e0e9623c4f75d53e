// Runs the screen from entering the alternate one until it is left, whatever ends it: a key, a signal, an exception, a
// lost line. The terminal is then as it was found. Exiting, and detaching probes, is the caller's.
import type {ReadStream, WriteStream} from 'node:tty';
import type {Instance} from 'ink';
import type {SaveRequest} from '../view/saving.ts';
import type {Scene} from '../view/screen.ts';
import type {Source, Usage} from '../view/source.ts';
import {spoken} from '../view/spoken.ts';
import {currentView, initialState, type State} from '../view/state.ts';
import {timeText} from '../view/units.ts';
import {Hands} from './hands.ts';
import {keyReader, terminalAnswer} from './keyboard.ts';
import {painter} from './painter.ts';
import {Store} from './store.ts';
import {Terminal} from './terminal.ts';
import {themeOf} from './theme.ts';

interface ScreenOptions {
  readonly source: Source;
  readonly initialView: string;
  /** It is being opened: its first frame needs no Ink. */
  readonly opened: boolean;
  readonly interval: number;
  readonly host: string;
  readonly colour: boolean;
  readonly ascii: boolean;
  /** The terminal has no second screen. */
  readonly basic: boolean;
  readonly maxBytes: number;
  /** Clicks and the wheel are for the screen; selecting text then takes Shift. */
  readonly mouse: boolean;
  /** Lines that say what changed, in place of a screen. */
  readonly spoken: boolean;
  readonly save: (request: SaveRequest) => string;
  /** Called once all code is loaded. */
  readonly loaded: () => void;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
}

type ScreenEnd = {readonly by: 'key'} | {readonly by: 'signal'; readonly signal: NodeJS.Signals};

/** ms that an answer of the terminal is waited for, before it is given back: to a shell it would be typing. */
const answerPatience = 300;

/** ms that the first frame is waited for with Ink: most views are attached by then, and none is held up by it. */
const firstPatience = 50;

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** @throws whatever broke the screen, after the terminal was restored */
export function runScreen(options: ScreenOptions): Promise<ScreenEnd> {
  const {source, stdin, stdout} = options;
  const theme = themeOf(options.colour);
  const terminal = new Terminal(stdout, {...options, theme});
  const size = () => ({columns: terminal.columns, lines: terminal.rows});
  const store = new Store(firstState(options, size()));
  const usage = usageMeter(terminal);
  const scene = (): Scene => ({
    host: options.host,
    clock: timeText(Date.now()),
    usage: usage(),
    ascii: options.ascii,
  });
  return new Promise((resolve, reject) => {
    let over = false;
    let app: Instance | undefined;
    const restore = (): void => {
      try {
        terminal.leave();
        stdin.setRawMode(false);
      } catch {
        gone();
      }
    };
    const end = (settle: () => void, patience = answerPatience): void => {
      // asked twice, at once
      if (over) terminal.hurry();
      if (over) return;
      over = true;
      void terminal.settled(patience).then(() => {
        restore();
        app?.unmount();
        stdin.off('data', typed).pause();
        stdin.unref();
        settle();
      });
    };
    const broken = (error: unknown): void => end(() => reject(error instanceof Error ? error : new Error(String(error))));
    const lost = (error: NodeJS.ErrnoException): void => {
      if (['EIO', 'EPIPE', 'ENXIO'].includes(error.code ?? '')) gone();
      else broken(error);
    };
    const keysOf = keyReader();
    const typed = (data: Buffer | string): void => {
      for (const input of keysOf(data.toString())) {
        if (input === terminalAnswer) terminal.answered();
        else if (!over) {
          terminal.heard();
          hands.take(input);
        } else if (input === 'ctrl-c') terminal.hurry();
      }
    };
    // the whole job stops, as when the terminal driver does it: npm and the shell between are part of it. The terminal
    // is given back before: once they have stopped it is the shell's, and writing to it would stop us half-way
    const suspend = async (): Promise<void> => {
      await terminal.settled(answerPatience);
      restore();
      process.kill(0, 'SIGTSTP');
    };
    const stopped = async (): Promise<void> => {
      if (terminal.entered) {
        await terminal.settled(answerPatience);
        restore();
      }
      process.kill(process.pid, 'SIGSTOP');
    };
    const wake = (): void => {
      if (over) return;
      stdin.setRawMode(true);
      if (!options.spoken) terminal.enter();
      terminal.measure();
      terminal.repaint();
    };

    for (const signal of endings)
      process.on(signal, () => end(() => resolve({by: 'signal', signal}), signal === 'SIGHUP' ? 0 : answerPatience));
    process.on('SIGTSTP', () => void stopped());
    process.on('SIGCONT', wake);
    process.on('uncaughtException', broken);
    process.on('unhandledRejection', broken);
    for (const stream of [stdin, stdout, process.stderr]) stream.on('error', lost);
    stdin.on('end', () => end(() => resolve({by: 'signal', signal: 'SIGHUP'}), 0));

    // before the terminal is asked anything: it would echo the answer
    stdin.setRawMode(true);
    if (!options.spoken) terminal.enter();
    // a letter of several bytes may come in two pieces
    stdin.setEncoding('utf8').on('data', typed).resume();
    const say = options.spoken ? (line: string): void => terminal.say(line) : undefined;
    const hands = new Hands({
      ...{store, source, scene, theme, say},
      save: options.save,
      suspend: () => void suspend(),
      // what a slow line still carries is before the terminal's return anyway
      quit: () => end(() => resolve({by: 'key'}), 10 * answerPatience),
      repaint: () => {
        terminal.hurry();
        terminal.repaint();
      },
    });
    terminal.on('measured', () => store.dispatch({type: 'resize', ...size()}));
    // before the first layout, with which a view is opened: of a recording, its first refresh comes at once
    source.subscribe((event) => store.dispatch({type: 'source', event}));
    const tell = say === undefined ? painter(store, terminal, scene) : speaker(store, scene, say);
    const begin = async (): Promise<void> => {
      if (options.opened && !options.spoken) {
        await somethingToShow(store);
        tell();
      }
      const {layOut} = await import('./layout.tsx');
      options.loaded();
      if (over) return;
      app = layOut({...options, store, theme, terminal});
      app.waitUntilExit().catch(broken);
      terminal.on('laid', tell);
      store.subscribe(tell);
      tell();
    };
    begin().catch(broken);
  });
}

function firstState({source, initialView, interval}: ScreenOptions, size: {readonly columns: number; readonly lines: number}): State {
  return {
    ...initialState(source.views, initialView, interval, size),
    canTail: source.tail !== undefined,
    canMake: source.maker !== undefined,
    ...(source.player === undefined ? {} : {replay: {speed: 1}}),
  };
}

/** The first view has a frame, or will have none; or it takes long. */
async function somethingToShow(store: Store): Promise<void> {
  let settle: () => void = () => {};
  const ended = new Promise<void>((resolve) => (settle = resolve));
  const look = (): void => {
    const {shown, failure} = currentView(store.state);
    if (shown !== undefined || failure !== undefined) settle();
  };
  const forget = store.subscribe(look);
  const timer = setTimeout(settle, firstPatience);
  look();
  await ended;
  forget();
  clearTimeout(timer);
}

/** Says what is another than before, each time it is asked. */
function speaker(store: Store, scene: () => Scene, say: (line: string) => void): () => void {
  let before: State | undefined;
  return () => {
    const now = store.state;
    const lines = spoken(before, now, scene());
    before = now;
    for (const line of lines) say(line);
  };
}

/** The terminal has gone: nothing can be restored, and Node 20's exit handlers abort on a dead one. */
function gone(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('killed');
}

/** Own use of the last five seconds: redrawing for a key changes nothing, and digits that flicker tell nobody anything. */
function usageMeter(terminal: Terminal): () => Usage | undefined {
  let last = {at: performance.now(), cpu: process.cpuUsage(), bytes: terminal.bytes};
  let usage: Usage | undefined;
  return () => {
    const now = performance.now();
    const seconds = (now - last.at) / 1000;
    if (seconds < (usage === undefined ? 1 : 5)) return usage;
    const cpu = process.cpuUsage(last.cpu);
    usage = {
      cpuPercent: (cpu.user + cpu.system) / 1e4 / seconds,
      memoryBytes: process.memoryUsage.rss(),
      terminalBytesPerSecond: (terminal.bytes - last.bytes) / seconds,
    };
    last = {at: now, cpu: process.cpuUsage(), bytes: terminal.bytes};
    return usage;
  };
}
