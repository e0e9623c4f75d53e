// The screen's state, and who is told that it changed. The painter looks at all of it; a component says which parts it depends
// on, so that a refresh, which changes rows alone, renders none.
import {useRef, useSyncExternalStore} from 'react';
import {type Action, reduce, type State} from '../view/state.ts';

export class Store {
  private readonly listeners = new Set<() => void>();
  private now: State;

  constructor(state: State) {
    this.now = state;
  }

  get state(): State {
    return this.now;
  }

  readonly dispatch = (action: Action): void => {
    const next = reduce(this.now, action);
    if (next === this.now) return;
    this.now = next;
    for (const listener of this.listeners) listener();
  };

  /** Returns the unsubscribe. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** The state; what calls this is rendered anew when one of the parts is another one. */
export function useParts(store: Store, partsOf: (state: State) => readonly unknown[]): State {
  const known = useRef<readonly unknown[]>([]);
  useSyncExternalStore(store.subscribe, () => {
    const parts = partsOf(store.state);
    if (parts.length !== known.current.length || parts.some((part, i) => part !== known.current[i])) known.current = parts;
    return known.current;
  });
  return store.state;
}
