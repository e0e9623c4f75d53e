// What the mouse does: a click chooses, a second one on the same acts; tabs, headings and the footer's keys act at once.
import {scrollOverlay} from '../overlay.ts';
import type {Target} from '../styles.ts';
import {type State, withCurrent} from './model.ts';
import {choose, drillIn, goTo, pickAt, pickerMove} from './navigate.ts';
import {obey} from './obey.ts';
import {firstOrder, reversed, sortBy} from './rows.ts';
import {select, selectAt} from './select.ts';

const wheelRows = 3;

export function click(state: State, target: Target, twice: boolean): State {
  switch (target.kind) {
    case 'tab':
      return goTo(state, target.index);
    case 'heading':
      // the sorted column is reversed, another one is sorted by as is usual for it
      return withCurrent(state, (view) =>
        view.sort.replace(/^-/, '') === target.sort ? reversed(view) : sortBy(view, firstOrder(target)),
      );
    case 'row':
      return twice ? drillIn(selectAt(state, target.index)) : selectAt(state, target.index);
    case 'pick':
      return twice ? choose(pickAt(state, target.index)) : pickAt(state, target.index);
    case 'key':
      return obey(state, target.command, target.key);
  }
}

export const wheel = (state: State, by: 1 | -1): State =>
  state.overlay !== 'none'
    ? scrollOverlay(state, by * wheelRows)
    : state.picker === undefined
      ? select(state, by * wheelRows)
      : pickerMove(state, by * wheelRows);
