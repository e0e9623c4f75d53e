// Moving the selection. Its cost does not depend on the number of rows.
import {bodyLines, panesOf} from '../panes.ts';
import {currentView, type State, withCurrent} from './model.ts';
import {selectNode, treePage, treeShown} from './tree.ts';

export const pageOf = (state: State): number =>
  treeShown(state) ? treePage(state) : panesOf(currentView(state), state.pane, state.columns, bodyLines(state)).rows;

export const select = (state: State, by: number): State =>
  treeShown(state) ? selectNode(state, currentView(state).tree.selected + by) : selectAt(state, currentView(state).selected + by);

export function selectAt(state: State, wanted: number): State {
  if (treeShown(state)) return selectNode(state, wanted);
  return withCurrent(state, (view) => {
    const selected = Math.max(0, Math.min(view.rows.length - 1, wanted));
    const id = view.rows[selected]?.id;
    return {
      ...view,
      selected,
      top: topFor(view.top, selected, view.rows.length, pageOf(state)),
      ...(view.followed === undefined || id === undefined ? {} : {followed: id}),
    };
  });
}

/** The rows shown move no more than it takes to see the selected one. */
export function topFor(top: number, selected: number, rows: number, page: number): number {
  const last = Math.max(0, rows - page);
  if (selected < top) return selected;
  return Math.min(last, selected >= top + page ? selected - page + 1 : top);
}
