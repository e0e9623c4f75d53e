// Paints the state: once for all that happened at the same time, after Ink has laid out what of it is to be laid out anew.
import {type Scene, screenOf} from '../view/screen.ts';
import type {Store} from './store.ts';
import type {Terminal} from './terminal.ts';

/** @returns asks for it to be painted */
export function painter(store: Store, terminal: Terminal, scene: () => Scene): () => void {
  let asked = false;
  const show = (): void => {
    asked = false;
    terminal.show(screenOf(store.state, scene()));
  };
  return () => {
    if (asked) return;
    asked = true;
    queueMicrotask(show); // React has asked for its turn before
  };
}
