// Moving in the tree of stacks, opening and closing its nodes.
import {bodyLines} from '../panes.ts';
import {hasStacks} from '../../decode/stacks.ts';
import {treeLines} from '../tree.ts';
import {currentView, type State, type ViewState, withCurrent} from './model.ts';
import {topFor} from './select.ts';

/** The rows of the current view are shown as a tree. */
export function treeShown(state: State): boolean {
  const {shape} = currentView(state);
  return !state.flat && state.pane !== 'tail' && shape !== undefined && hasStacks(shape);
}

export const treePage = (state: State): number => Math.max(1, bodyLines(state) - 1);

export function selectNode(state: State, wanted: number): State {
  return withCurrent(state, (view) => placed(view, wanted, treePage(state)));
}

function placed(view: ViewState, wanted: number, page: number): ViewState {
  const count = treeLines(view).length;
  const selected = Math.max(0, Math.min(count - 1, wanted));
  return {...view, tree: {...view.tree, selected, top: topFor(view.tree.top, selected, count, page)}};
}

/** The selected node opens or closes, and stays what it is until the key is pressed again. */
export function toggleNode(state: State): State {
  return withCurrent(state, (view) => {
    const line = treeLines(view)[view.tree.selected];
    if (line === undefined || line.node.children.length === 0) return view;
    return {...view, tree: {...view.tree, toggled: {...view.tree.toggled, [line.node.path]: !line.open}}};
  });
}
