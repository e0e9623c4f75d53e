// What keys and the mouse do: most become actions, some are carried out here.
import {commandOf} from '../view/hotkeys.ts';
import type {SaveRequest, Saving} from '../view/saving.ts';
import {type Scene, screenOf, targetAt} from '../view/screen.ts';
import type {Source} from '../view/source.ts';
import {rowSpoken} from '../view/spoken.ts';
import {type Action, currentView, modeOf, type State} from '../view/state.ts';
import type {Target} from '../view/styles.ts';
import type {Input, Mouse} from './keyboard.ts';
import type {Store} from './store.ts';
import {paint, type Theme} from './theme.ts';

interface Doings {
  readonly store: Store;
  readonly source: Source;
  readonly scene: () => Scene;
  readonly theme: Theme;
  /** Writes a file, and gives its path. @throws an error with a message for the user */
  readonly save: (request: SaveRequest) => string;
  /** Given: nothing is drawn, what changes is said. */
  readonly say: ((line: string) => void) | undefined;
  readonly quit: () => void;
  readonly suspend: () => void;
  readonly repaint: () => void;
}

/** ms */
const doubleClick = 400;

export class Hands {
  private readonly doings: Doings;
  private pressed: {
    readonly at: number;
    readonly target: Target | undefined;
  } = {at: 0, target: undefined};

  constructor(doings: Doings) {
    this.doings = doings;
  }

  take(input: Input): void {
    const {store, source, say, quit, suspend, repaint} = this.doings;
    // what a key means depends on the state that the key before it made, drawn or not
    const action = this.actionOf(input, store.state);
    if (action?.type !== 'command') {
      if (action !== undefined) store.dispatch(action);
      return;
    }
    const {command} = action;
    if (command === 'quit') quit();
    else if (command === 'suspend') suspend();
    else if (command === 'repaint') say === undefined ? repaint() : say(rowSpoken(currentView(store.state)));
    else if (command === 'writeNow') this.write();
    else {
      const making = store.state.builder?.step === 'name' && command === 'next';
      store.dispatch(action);
      if (making && store.state.builder !== undefined) source.maker?.make(store.state.builder.parts);
      if (command === 'earlier' || command === 'later') source.player?.step(command === 'earlier' ? -1 : 1);
    }
  }

  private actionOf(input: Input, now: State): Action | undefined {
    if (typeof input !== 'string') return input.kind === 'paste' ? {type: 'paste', text: input.text} : this.pointed(input, now);
    const command = commandOf(input, modeOf(now));
    return command === undefined ? undefined : {type: 'command', command, key: input};
  }

  private pointed({kind, column, line}: Mouse, now: State): Action | undefined {
    if (kind !== 'press') return {type: 'wheel', by: kind === 'wheelUp' ? -1 : 1};
    const screen = screenOf(now, this.doings.scene());
    const last = now.lines - 1;
    // what Ink lays out over the body has nothing to be clicked at
    if ((now.overlay === 'help' || now.overlay === 'detail') && line >= screen.head.length && line < last) return undefined;
    const target = targetAt(screen, column, line, last);
    if (target === undefined) return undefined;
    const {at, target: before} = this.pressed;
    const twice = Date.now() - at < doubleClick && JSON.stringify(before) === JSON.stringify(target);
    this.pressed = twice ? {at: 0, target: undefined} : {at: Date.now(), target};
    // keys of the footer do what they do when they are pressed
    return target.kind === 'key' ? {type: 'command', command: target.command, key: target.key} : {type: 'click', target, twice};
  }

  private write(): void {
    const {store, scene} = this.doings;
    const {saving, ...asked} = store.state;
    if (saving?.stage === 'path')
      store.dispatch({
        type: 'saved',
        outcome: saveScreen(asked, saving, scene(), this.doings),
      });
  }
}

/** The screen as it is without the question about the file. */
function saveScreen(
  state: State,
  {format, path}: Extract<Saving, {readonly stage: 'path'}>,
  scene: Scene,
  {save, theme}: Doings,
): {readonly path: string} | {readonly fault: string} {
  const {head, body, foot} = screenOf(state, scene);
  const {shown, shape, rows} = currentView(state);
  const data = shown === undefined || shape === undefined ? undefined : {frame: {...shown, rows}, shape};
  const lines = [...head, ...body, ...(format === 'svg' ? [foot] : [])].map((line) => paint(line, theme));
  try {
    return {
      path: save({format, path, lines, columns: state.columns, data}),
    };
  } catch (error) {
    return {fault: error instanceof Error ? error.message : String(error)};
  }
}
