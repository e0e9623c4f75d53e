// The only function that changes the screen's state. Pure: frames, keys and sizes come in as actions; what has to be done
// outside (open a view, quit) is read off the state, or is a command that app.tsx carries out itself.
import {safeString} from '../decode/safe-text.ts';
import {type Command, isTyping, type Mode} from './hotkeys.ts';
import type {SourceEvent} from './source.ts';
import type {Target} from './styles.ts';
import {heldBack, type State} from './state/model.ts';
import {click, wheel} from './state/mouse.ts';
import {withNotice} from './state/navigate.ts';
import {obey} from './state/obey.ts';
import {receive} from './state/receive.ts';
import {saved} from './state/save.ts';

export {treeShown} from './state/tree.ts';
export {isCut, wantedFilter} from './state/rows.ts';
export {
  currentDrill,
  currentEntry,
  currentName,
  currentView,
  heldBack,
  initialState,
  type Pane,
  type State,
  trailOf,
  type ViewState,
} from './state/model.ts';

export type Action =
  | {readonly type: 'command'; readonly command: Command; readonly key: string}
  | {readonly type: 'source'; readonly event: SourceEvent}
  | {readonly type: 'click'; readonly target: Target; readonly twice: boolean}
  | {readonly type: 'wheel'; readonly by: 1 | -1}
  | {readonly type: 'paste'; readonly text: string}
  | {readonly type: 'saved'; readonly outcome: {readonly path: string} | {readonly fault: string}}
  | {readonly type: 'resize'; readonly columns: number; readonly lines: number};

/** What keys are for just now. */
export function modeOf(state: State): Mode {
  if (state.saving !== undefined) return state.saving.stage;
  if (state.builder !== undefined) return 'builder';
  if (state.picker !== undefined) return 'picker';
  if (state.filtering) return 'text';
  return heldBack(state) === undefined ? 'table' : 'question';
}

const mostPasted = 4096;

/** What is pasted is text where text is typed, and never keys. */
function pasted(state: State, text: string): State {
  if (!isTyping(modeOf(state))) return withNotice(state, 'what was pasted is not taken for keys: press / first to filter by it');
  const line = safeString(
    text
      .slice(0, mostPasted)
      .replace(/[\r\n\t]+/g, ' ')
      .trim(),
  );
  return [...line].reduce((all, letter) => obey(all, 'type', letter), state);
}

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'resize':
      return {...state, columns: action.columns, lines: action.lines};
    case 'saved':
      return saved(state, action.outcome);
    case 'source':
      return receive(state, action.event);
    case 'click':
      return click(state, action.target, action.twice);
    case 'wheel':
      return wheel(state, action.by);
    case 'paste':
      return pasted(state, action.text);
    case 'command':
      return obey(state, action.command, action.key);
  }
}
