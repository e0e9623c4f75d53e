// The one stateful component: keys, frames and sizes go into the reducer, its state becomes lines.
import {Box} from 'ink';
import {useCallback, useEffect, useRef, useState} from 'react';
import {commandOf} from '../view/hotkeys.ts';
import type {SaveRequest, Saving} from '../view/saving.ts';
import {type Scene, screenOf, targetAt} from '../view/screen.ts';
import type {Source, Usage} from '../view/source.ts';
import {
  type Action,
  currentDrill,
  currentName,
  currentView,
  heldBack,
  initialState,
  modeOf,
  reduce,
  type State,
  wantedFilter,
} from '../view/state.ts';
import {rowSpoken, spoken} from '../view/spoken.ts';
import type {Line, Target} from '../view/styles.ts';
import type {Input, Mouse, Paste} from './keyboard.ts';
import {Detail, Help} from './overlays.tsx';
import {Row} from './row.tsx';
import {paint} from './theme.ts';

export interface AppProps {
  readonly source: Source;
  readonly initialView: string;
  readonly interval: number;
  readonly host: string;
  readonly colour: boolean;
  readonly ascii: boolean;
  readonly size: () => {readonly columns: number; readonly lines: number};
  readonly usage: () => Usage | undefined;
  /** Called with the listener for keys; gives the unsubscribe. */
  readonly onKeys: (listener: (keys: readonly Input[]) => void) => () => void;
  readonly onResize: (listener: () => void) => () => void;
  /** Writes a file, and gives its path. @throws an error with a message for the user */
  readonly save: (request: SaveRequest) => string;
  /** Given: nothing is drawn, what changes is said. */
  readonly say?: (line: string) => void;
  readonly quit: () => void;
  readonly suspend: () => void;
  readonly repaint: () => void;
}

/** ms */
const doubleClick = 400;

export function App(props: AppProps) {
  const {source, initialView, interval, size, onKeys, onResize, quit, suspend, repaint} = props;
  const [state, setState] = useState(() => ({
    ...initialState(source.views, initialView, interval, size()),
    canTail: source.tail !== undefined,
    canMake: source.maker !== undefined,
    ...(source.player === undefined ? {} : {replay: {speed: 1}}),
  }));
  // what a key means depends on the state that the key before it made, drawn or not
  const newest = useRef(state);
  const dispatch = useCallback((action: Action): void => {
    newest.current = reduce(newest.current, action);
    setState(newest.current);
  }, []);

  const {say} = props;
  const pressed = useRef<{readonly at: number; readonly target: Target} | undefined>(undefined);
  const {ascii, colour, host} = props;
  const mouse = useCallback(
    ({kind, column, line}: Mouse, now: State): Action | undefined => {
      if (kind !== 'press') return {type: 'wheel', by: kind === 'wheelUp' ? -1 : 1};
      const screen = screenOf(now, {host, clock: '00:00:00', usage: undefined, ascii});
      const last = now.lines - 1;
      // what Ink lays out over the body has nothing to be clicked at
      if ((now.overlay === 'help' || now.overlay === 'detail') && line >= screen.head.length && line < last) return undefined;
      const target = targetAt(screen, column, line, last);
      if (target === undefined) return undefined;
      const {at, target: before} = pressed.current ?? {at: 0, target: undefined};
      const twice = Date.now() - at < doubleClick && JSON.stringify(before) === JSON.stringify(target);
      pressed.current = twice ? undefined : {at: Date.now(), target};
      // keys of the footer do what they do when they are pressed
      return target.kind === 'key' ? {type: 'command', command: target.command, key: target.key} : {type: 'click', target, twice};
    },
    [ascii, host],
  );
  const sceneNow = () => ({host: props.host, clock: new Date().toTimeString().slice(0, 8), usage: props.usage(), ascii: props.ascii});
  const write = useRef(() => {});
  write.current = () => {
    const {saving, ...asked} = newest.current;
    if (saving?.stage === 'path') dispatch({type: 'saved', outcome: saveScreen(asked, saving, sceneNow(), props)});
  };

  useEffect(() => source.subscribe((event) => dispatch({type: 'source', event})), [source, dispatch]);
  useEffect(() => onResize(() => dispatch({type: 'resize', ...size()})), [onResize, size, dispatch]);
  useEffect(
    () =>
      onKeys((keys) => {
        for (const key of keys) {
          const action =
            typeof key === 'string' ? keyAction(key, newest.current) : key.kind === 'paste' ? pasteOf(key) : mouse(key, newest.current);
          if (action === undefined) continue;
          if (action.type !== 'command') {
            dispatch(action);
            continue;
          }
          const {command} = action;
          if (command === 'quit') return quit();
          if (command === 'suspend') suspend();
          else if (command === 'repaint') say === undefined ? repaint() : say(rowSpoken(currentView(newest.current)));
          else if (command === 'writeNow') write.current();
          else {
            const making = newest.current.builder?.step === 'name' && command === 'next';
            dispatch(action);
            if (making && newest.current.builder !== undefined) source.maker?.make(newest.current.builder.parts);
            if (command === 'earlier' || command === 'later') source.player?.step(command === 'earlier' ? -1 : 1);
          }
        }
      }),
    [source, onKeys, quit, suspend, repaint, dispatch, mouse, say],
  );
  const view = currentName(state);
  const drill = currentDrill(state);
  // not before its warning was answered
  const free = heldBack(state) === undefined;
  useEffect(() => {
    if (free) source.open(view, drill);
  }, [source, view, drill, free]);
  const choosing = state.picker !== undefined;
  useEffect(() => {
    if (choosing) source.check?.();
  }, [source, choosing]);
  useEffect(() => source.setInterval(state.interval), [source, state.interval]);
  const speed = state.replay?.speed ?? 1;
  useEffect(() => source.player?.setSpeed(speed), [source, speed]);
  useEffect(() => source.player?.play(!state.paused), [source, state.paused]);
  const shown = currentView(state);
  const [attached, filter] = [shown.shape !== undefined, wantedFilter(shown)];
  useEffect(() => {
    if (attached) source.want(view, shown.sort, filter);
  }, [source, view, attached, shown.sort, filter]);

  const {tail} = state;
  const [tailedView, tailedRow] = [tail?.view, tail?.row];
  useEffect(() => {
    source.tail?.(tailedView === undefined || tailedRow === undefined ? undefined : {view: tailedView, row: tailedRow});
  }, [source, tailedView, tailedRow]);

  const {builder} = state;
  const wanted = builder?.step === 'probe' ? builder.query.trim() : '';
  useEffect(() => {
    if (wanted !== '') source.maker?.find(wanted);
  }, [source, wanted]);
  const built = builder?.step === 'probe' ? '' : (builder?.parts.probe ?? '');
  useEffect(() => {
    if (built !== '') source.maker?.describe(built);
  }, [source, built]);

  const said = useRef<State | undefined>(undefined);
  useEffect(() => {
    for (const line of say === undefined ? [] : spoken(said.current, state, sceneNow())) say?.(line);
    said.current = state;
  });
  if (say !== undefined) return null;

  const screen = screenOf(state, sceneNow());
  const lines = (all: readonly Line[]) => all.map((line, i) => <Row key={i} text={paint(line, props.colour)} />);
  const room = Math.max(1, state.lines - screen.head.length - 1);
  const overlay = screen.head.length === 0 ? 'none' : state.overlay;
  return (
    <Box flexDirection="column" height={state.lines} width={state.columns}>
      {lines(screen.head)}
      <Box flexDirection="column" height={room}>
        {overlay === 'help' ? <Help {...{state, colour}} /> : overlay === 'detail' ? <Detail {...{state, colour}} /> : lines(screen.body)}
      </Box>
      {lines([screen.foot])}
    </Box>
  );
}

function keyAction(key: string, now: State): Action | undefined {
  const command = commandOf(key, modeOf(now));
  return command === undefined ? undefined : {type: 'command', command, key};
}

const pasteOf = ({text}: Paste): Action => ({type: 'paste', text});

/** The screen as it is without the question about the file. */
function saveScreen(
  state: State,
  {format, path}: Extract<Saving, {readonly stage: 'path'}>,
  scene: Scene,
  {save, colour}: AppProps,
): {readonly path: string} | {readonly fault: string} {
  const {head, body, foot} = screenOf(state, scene);
  const {shown, shape, rows} = currentView(state);
  const data = shown === undefined || shape === undefined ? undefined : {frame: {...shown, rows}, shape};
  const lines = [...head, ...body, ...(format === 'svg' ? [foot] : [])].map((line) => paint(line, colour));
  try {
    return {path: save({format, path, lines, columns: state.columns, data})};
  } catch (error) {
    return {fault: error instanceof Error ? error.message : String(error)};
  }
}
