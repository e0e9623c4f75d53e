// What Ink lays out, and what is done outside because of the state: a view is opened, a recording goes on. Both depend on few
// parts of the state; rows are none of them.
import {Box, Text} from 'ink';
import {memo, useEffect} from 'react';
import {headLines} from '../view/panes.ts';
import {isTooSmall} from '../view/screen.ts';
import type {Source} from '../view/source.ts';
import {currentDrill, currentName, currentView, heldBack, wantedFilter} from '../view/state.ts';
import {type AreaName, marks} from './areas.ts';
import {Detail, Help} from './overlays.tsx';
import type {Store} from './store.ts';
import type {Theme} from './theme.ts';
import {useParts} from './use-parts.ts';

interface Props {
  readonly store: Store;
  readonly source: Source;
  readonly theme: Theme;
  /** Nothing is drawn: what changes is said. */
  readonly spoken: boolean;
}

export const App = ({store, source, theme, spoken}: Props) => (
  <>
    <Outside store={store} source={source} />
    {spoken ? null : <Layout store={store} theme={theme} />}
  </>
);

const Area = memo(({name, lines}: {readonly name: AreaName; readonly lines: number}) => (
  <Text>{new Array<string>(lines).fill(marks[name]).join('\n')}</Text>
));

function Layout({store, theme}: Pick<Props, 'store' | 'theme'>) {
  const state = useParts(store, (now) => [now.overlay, now.columns, now.lines, headLines(now)]);
  const {overlay, columns, lines} = state;
  const head = isTooSmall(state) ? 0 : headLines(state);
  const room = Math.max(1, lines - head - 1);
  return (
    <Box flexDirection="column" height={lines} width={columns}>
      <Area name="head" lines={head} />
      <Box flexDirection="column" height={room}>
        {head > 0 && overlay === 'help' ? (
          <Help store={store} theme={theme} />
        ) : head > 0 && overlay === 'detail' ? (
          <Detail store={store} theme={theme} />
        ) : (
          <Area name="body" lines={room} />
        )}
      </Box>
      <Area name="foot" lines={1} />
    </Box>
  );
}

function Outside({store, source}: Pick<Props, 'store' | 'source'>) {
  const state = useParts(store, (now) => {
    const {picker, interval, replay, paused, tail, builder} = now;
    const {shape, sort} = currentView(now);
    const view = [currentName(now), currentDrill(now), heldBack(now), shape, sort, wantedFilter(currentView(now))];
    return [
      ...view,
      picker === undefined,
      interval,
      replay?.speed,
      paused,
      tail?.view,
      tail?.row,
      builder?.step,
      builder?.query,
      builder?.parts,
    ];
  });
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
  return null;
}
