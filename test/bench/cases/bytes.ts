// What a refresh of the screen sends over the line: bytes, and bytes for each cell that changed, beside what ncurses would send for the very
// same screens, and what htop, top and btop send for theirs.
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {compiled, folder, presetFile, Running, Screen, tsbpftopScreen} from '../contenders.ts';
import {figureOf, type Result} from '../measure.ts';
import {has} from '../peers.ts';
import {ncursesBytes, type Traffic, trafficOf} from '../traffic.ts';
import {view} from './screen.ts';

const [columns, lines] = [200, 60];

const perCell = ({bytes, cells}: Traffic): number => bytes / cells;
const perSecond = ({bytes, seconds}: Traffic): number => bytes / seconds;
const perRefresh = ({bytes, refreshes}: Traffic): number => bytes / refreshes;

/** The peers' own screens, a refresh a second, as they are on this machine. */
function openPeers(): readonly {readonly name: string; readonly screen: Screen}[] {
  const settings = path.join(folder, 'btop');
  mkdirSync(settings, {recursive: true});
  writeFileSync(path.join(settings, 'btop.conf'), 'update_ms=1000\n');
  const known: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] = [
    ['htop', ['-d', '10'], {}],
    ['top', ['-d', '1'], {}],
    ['btop', [], {XDG_CONFIG_HOME: folder}],
  ];
  return known.filter(([name]) => has(name)).map(([name, args, env]) => ({name, screen: new Screen(name, args, columns, lines, env)}));
}

export async function bytes(seconds: number): Promise<readonly Result[]> {
  const loops = compiled('loops');
  const open = (name: string) => tsbpftopScreen(columns, lines, '--presets', presetFile(view(name, 4096)), name);
  const warm = 5000;

  const quiet = open('idle');
  await quiet.until(/exact/);
  const theirs = openPeers();
  await delay(warm);
  const [idle, ...idleOfPeers] = await Promise.all([trafficOf(quiet, seconds), ...theirs.map(({screen}) => trafficOf(screen, seconds))]);
  await quiet.stop();

  // a third of the rows: those of one loop; the others stay as a second one left them
  const screen = open('rows');
  await screen.until(/exact/);
  await new Running(loops, ['keys', '0.3', '54']).ended();
  const some = new Running(loops, ['spread', String(seconds + 20), '16']);
  await delay(warm);
  const third = await trafficOf(screen, seconds);
  await some.stop();
  const many = new Running(loops, ['spread', String(seconds + 20), '1000']);
  await delay(warm);
  const [all, ...allOfPeers] = await Promise.all([trafficOf(screen, seconds), ...theirs.map((peer) => trafficOf(peer.screen, seconds))]);
  await many.stop();
  await Promise.all([screen, ...theirs.map((peer) => peer.screen)].map((each) => each.stop()));

  const byNcurses = async ({screens, refreshes}: Traffic): Promise<Result['peers']> =>
    has('ncurses')
      ? [{name: 'ncurses for the same screens', figure: figureOf([(await ncursesBytes(screens, columns, lines)) / refreshes]), reach: 1}]
      : [];
  const ofPeers = (figures: readonly Traffic[], of: (traffic: Traffic) => number): Result['peers'] =>
    theirs.flatMap(({name}, i) => (figures[i] === undefined ? [] : [{name: `${name}’s own screen`, figure: figureOf([of(figures[i])])}]));
  return [
    {
      what: `bytes of a refresh, 30 % of the rows changing (${perCell(third).toFixed(2)} a cell that changed)`,
      unit: 'bytes',
      ours: figureOf([perRefresh(third)]),
      peers: [{name: 'cells that changed', figure: figureOf([third.cells / third.refreshes]), reach: 1.2}, ...(await byNcurses(third))],
    },
    {
      what: 'bytes of a refresh through ssh -C, 30 % of the rows changing',
      unit: 'bytes',
      ours: figureOf([third.packed / third.refreshes]),
      peers: [{name: 'cells that changed', figure: figureOf([third.cells / third.refreshes]), reach: 1.2}],
    },
    {
      what: `bytes of a refresh, every row changing (${perCell(all).toFixed(2)} a cell that changed)`,
      unit: 'bytes',
      ours: figureOf([perRefresh(all)]),
      peers: await byNcurses(all),
    },
    {
      what: 'bytes for each cell that changed, every row changing',
      unit: 'bytes',
      ours: figureOf([perCell(all)]),
      peers: ofPeers(allOfPeers, perCell),
    },
    {
      what: 'bytes a second, every row changing',
      unit: 'bytes',
      ours: figureOf([perSecond(all)]),
      peers: ofPeers(allOfPeers, perSecond),
    },
    {
      what: 'bytes a second of an idle view',
      unit: 'bytes',
      ours: figureOf([perSecond(idle as Traffic)]),
      peers: ofPeers(idleOfPeers, perSecond),
    },
  ];
}
