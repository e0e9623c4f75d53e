// Help and detail: tables over the whole body of the screen.
import {Box, Text} from 'ink';
import {crop} from '../view/fit.ts';
import {helpKeys} from '../view/hotkeys.ts';
import {currentName, currentView, type State} from '../view/state.ts';
import {Table} from './table.tsx';

interface Props {
  readonly state: State;
  readonly lines: number;
}

/** One column of keys, or two where they do not fit. */
export function Help({state, lines}: Props) {
  const room = Math.max(1, lines - 3);
  const columns = helpKeys.length > room && state.columns >= 76 ? 2 : 1;
  const perColumn = Math.ceil(helpKeys.length / columns);
  const width = Math.floor(state.columns / columns) - 14;
  const parts = Array.from({length: columns}, (_, i) => helpKeys.slice(i * perColumn, (i + 1) * perColumn).slice(0, room));
  return (
    <Box flexDirection="column">
      <Text bold> tsbpftop: keys</Text>
      <Box flexDirection="row">
        {parts.map((part) => (
          <Table key={part[0]?.command ?? ''} rows={part.map((hotkey) => ({KEY: hotkey.shown, DOES: crop(hotkey.says, width)}))} />
        ))}
      </Box>
    </Box>
  );
}

export function Detail({state, lines}: Props) {
  const width = Math.max(10, state.columns - 20);
  const rows = currentView(state).details.flatMap(([name, text]) =>
    text.split('\n').map((line, i) => ({ITEM: i === 0 ? name : '', IS: crop(line.replaceAll('\t', '  '), width)})),
  );
  const room = Math.max(1, lines - 3);
  return (
    <Box flexDirection="column">
      <Text bold> {currentName(state)}</Text>
      {rows.length === 0 ? <Text> the view is not attached yet</Text> : <Table rows={rows.slice(0, room)} />}
    </Box>
  );
}
