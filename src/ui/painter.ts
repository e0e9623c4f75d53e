// Paints the state: once for all that happened at the same time, after Ink has laid out what of it is to be laid out anew.
import {type Scene, screenOf} from '../view/screen.ts';
import type {Line} from '../view/styles.ts';
import type {Store} from './store.ts';
import type {Terminal} from './terminal.ts';
import {paint} from './theme.ts';

/** @returns asks for it to be painted */
export function painter(store: Store, terminal: Terminal, scene: () => Scene, colour: boolean): () => void {
  let asked = false;
  const show = (): void => {
    asked = false;
    const {head, body, foot} = screenOf(store.state, scene());
    const painted = (lines: readonly Line[]): readonly string[] => lines.map((line) => paint(line, colour));
    terminal.show({
      head: painted(head),
      body: painted(body),
      foot: painted([foot]),
    });
  };
  return () => {
    if (asked) return;
    asked = true;
    queueMicrotask(show); // React has asked for its turn before
  };
}
