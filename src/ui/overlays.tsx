// Help and detail: tables over the whole body of the screen, scrolled where they are longer.
import {Box, Text} from 'ink';
import {crop} from '../view/fit.ts';
import {helpTitles, marksText, overlayRoom, overlayRows} from '../view/overlay.ts';
import {headLines} from '../view/panes.ts';
import {currentName, currentView, type State} from '../view/state.ts';
import {seg} from '../view/styles.ts';
import type {Store} from './store.ts';
import {Table} from './table.tsx';
import {paint, type Theme} from './theme.ts';
import {useParts} from './use-parts.ts';

interface Props {
  readonly store: Store;
  readonly theme: Theme;
}

export const Help = (props: Props) => <Overlay {...props} titleOf={() => 'tsbpftop: keys'} beside={marksText} heading={['KEY', 'DOES']} />;

export const Detail = (props: Props) => <Overlay {...props} titleOf={currentName} heading={['ITEM', 'IS']} />;

interface OverlayProps extends Props {
  readonly titleOf: (state: State) => string;
  /** Behind the title, where all is seen. */
  readonly beside?: string;
  readonly heading: readonly [string, string];
}

function Overlay({store, theme, titleOf, beside = '', heading: [item, text]}: OverlayProps) {
  const state = useParts(store, (now) => {
    const {overlay, overlayTop, columns, lines} = now;
    return [overlay, overlayTop, columns, lines, headLines(now), currentName(now), currentView(now).details];
  });
  const room = overlayRoom(state);
  const columns = overlayRows(state);
  const longest = Math.max(...columns.map((rows) => rows.length));
  const top = Math.max(0, Math.min(state.overlayTop, longest - room));
  const more = longest - top - room;
  const place =
    top > 0 || more > 0 ? `   lines ${top + 1}-${top + Math.min(room, longest - top)} of ${longest}` : beside === '' ? '' : `   ${beside}`;
  // keys stand out as they do in the footer, and what groups them as titles do
  const painted = (cell: string, column: number): string =>
    column > 0 ? cell : paint([seg(cell, helpTitles.has(cell.trim()) ? 'title' : 'key')], theme);
  return (
    <Box flexDirection="column">
      <Text bold>{crop(` ${titleOf(state)}${place}`, state.columns)}</Text>
      {longest === 0 ? (
        <Text> the view is not attached yet</Text>
      ) : (
        <Box flexDirection="row">
          {columns.map((rows, i) => (
            <Table key={i} painted={painted} rows={rows.slice(top, top + room).map((row) => ({[item]: row.item, [text]: row.text}))} />
          ))}
        </Box>
      )}
    </Box>
  );
}
