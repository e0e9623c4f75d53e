// What the mouse does: a click chooses, a second one on the same acts; tabs, headings and the footer's keys act at once.
import {scrollOverlay} from '../overlay.ts';
import type {Builder} from '../builder.ts';
import type {Target} from '../styles.ts';
import {moved} from './build.ts';
import {type State, withCurrent} from './model.ts';
import {choose, goTo, pickAt, pickerMove} from './navigate.ts';
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
      return twice ? obey(selectAt(state, target.index), 'drill', 'enter') : selectAt(state, target.index);
    case 'pick':
      if (state.builder !== undefined) return clickInBuilder(state, state.builder, target.index, twice);
      return twice ? choose(pickAt(state, target.index)) : pickAt(state, target.index);
    case 'key':
      return obey(state, target.command, target.key);
  }
}

function clickInBuilder(state: State, builder: Builder, selected: number, twice: boolean): State {
  const chosen = {...state, builder: {...builder, selected}};
  if (!twice) return chosen;
  // what is ticked stays at its step
  const ticks = builder.step === 'by' || builder.step === 'measure';
  return obey(chosen, ticks ? 'type' : builder.step === 'where' ? 'complete' : 'next', 'space');
}

export function wheel(state: State, by: 1 | -1): State {
  if (state.saving !== undefined) return state;
  if (state.builder !== undefined) return {...state, builder: moved(state.builder, by * wheelRows)};
  if (state.picker !== undefined) return pickerMove(state, by * wheelRows);
  return state.overlay === 'none' ? select(state, by * wheelRows) : scrollOverlay(state, by * wheelRows);
}
