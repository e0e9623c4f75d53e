// Ink, loaded by nothing else: it lays out the state as long as the screen is there.
import type {ReadStream, WriteStream} from 'node:tty';
import {type Instance, render} from 'ink';
import type {Source} from '../view/source.ts';
import {App} from './app.tsx';
import {installFastOutput} from './ink-output.ts';
import type {Store} from './store.ts';
import type {Terminal} from './terminal.ts';
import type {Theme} from './theme.ts';

interface LaidOut {
  readonly store: Store;
  readonly source: Source;
  readonly theme: Theme;
  readonly spoken: boolean;
  readonly terminal: Terminal;
  readonly stdin: ReadStream;
}

export function layOut({store, source, theme, spoken, terminal, stdin}: LaidOut): Instance {
  installFastOutput();
  // debug: Ink gives every layout whole, and the terminal writes what changed of the screen
  return render(<App store={store} source={source} theme={theme} spoken={spoken} />, {
    stdout: terminal as unknown as WriteStream,
    stdin,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
}
