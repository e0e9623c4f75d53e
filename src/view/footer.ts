// The last line: the keys a newcomer needs, or what is being typed. Pure.
import {widthOf} from './fit.ts';
import {foundText} from './header.ts';
import {footerKeys} from './hotkeys.ts';
import {lastOverlayTop} from './overlay.ts';
import {savingLine} from './saving.ts';
import {currentView, modeOf, type State} from './state.ts';
import {type Line, seg, type Segment} from './styles.ts';

export function footer(state: State, columns: number): Line {
  if (state.saving !== undefined) return savingLine(state.saving, columns);
  switch (modeOf(state)) {
    case 'picker':
      return [seg(' '), ...hint('Enter', 'open'), ...hint('↑↓', 'choose'), ...hint('Esc', 'back'), seg('type to search', 'dim')];
    case 'builder':
      return [
        seg(' '),
        ...hint('Enter', 'next'),
        ...hint('S-Tab', 'back'),
        ...hint('Tab', 'complete'),
        ...hint('Space', 'take'),
        ...hint('Esc', 'close'),
      ];
    case 'question':
      return [
        seg(' '),
        ...hint('y', 'attach it'),
        ...hint('n', 'leave it'),
        ...hint('←→', 'view'),
        ...hint('p', 'views'),
        ...hint('q', 'quit'),
      ];
    case 'table':
    case 'text':
    case 'format':
    case 'path':
  }
  if (state.filtering) {
    const view = currentView(state);
    const end: Line = [seg(`   ${foundText(view)}   `, 'dim'), ...hint('Enter', 'keep'), ...hint('Esc', 'all rows')];
    return [seg(' /', 'key'), seg(view.filter, 'match'), seg(' ', 'tab'), ...end];
  }
  if (state.overlay !== 'none')
    return [seg(' '), ...(lastOverlayTop(state) > 0 ? hint('↑↓', 'scroll') : []), ...hint('Esc', 'back'), ...hint('q', 'quit')];
  const {notice} = currentView(state);
  if (notice !== undefined) return [seg(` ${notice}`, 'warn')];
  const segments: Segment[] = [seg(' ')];
  let width = 1;
  for (const {shown, word, command, key} of footerKeys) {
    const next = widthOf(shown) + word.length + 3;
    if (width + next > columns) break;
    segments.push(...hint(shown, word).map((segment) => ({...segment, target: {kind: 'key', command, key} as const})));
    width += next;
  }
  return segments;
}

const hint = (key: string, word: string): Line => [seg(key, 'key'), seg(` ${word}  `, 'dim')];
