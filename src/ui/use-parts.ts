// How a component follows the state: it says which parts it depends on, so that a refresh, which changes rows alone, renders none.
import {useRef, useSyncExternalStore} from 'react';
import type {State} from '../view/state.ts';
import type {Store} from './store.ts';

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
