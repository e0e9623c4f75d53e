// The screen's state, and who is told that it changed.
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
