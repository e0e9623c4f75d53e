// A view of what lasts: its events are kept one by one until another says that each is over. The map in which they are kept, what
// they are kept by, and the program that ends them. Pure.
import type {MapSpec} from '../../native/contract.ts';
import {EventWriter} from './event-writer.ts';
import type {Value} from './encode.ts';
import {type Attempt, WrongPreset} from '../fault.ts';
import {pairStep, type Scene} from './fill.ts';
import type {KeyLayout} from './layouts.ts';
import type {MeasureLayout} from './measures.ts';
import {placeOf} from './places.ts';
import {testOf} from './compare.ts';
import {requireRoom} from './counts-map.ts';
import type {PairMatch, Preset} from '../preset.ts';
import type {Program} from './program.ts';

const bufferBytes = 256; // KEY_BYTES of probe.h: the time and what is measured stand behind the key

/** As native/bpf/kept.h has it: by the match value the key, the time, and a word a measure. */
export function keptMap(preset: Preset, {parts, fields, maxWords}: MeasureLayout, key: KeyLayout, attempt: Attempt): MapSpec {
  const valueSize = key.size + 8 + 8 * parts.length;
  attempt('/map', () => {
    if (preset.map !== 'auto' && preset.map !== 'hash')
      throw new WrongPreset(`what lasts is kept in a map of type hash, not ${preset.map}`, 'leave "map" out');
  });
  attempt('/by', () => {
    if (valueSize > bufferBytes)
      throw new WrongPreset(
        `an event has ${valueSize} bytes to be kept, and at most ${bufferBytes} are possible`,
        'shorten a text: str(E, N); or measure less',
      );
  });
  attempt('/maxKeys', () => requireRoom(preset.maxKeys, 8 + valueSize));
  const signedWords = fields.filter(({op, signed}) => (op === 'sum' || op === 'avg') && signed).map(({word}) => word);
  return {
    name: 'counts',
    type: 'hash',
    keySize: 8,
    valueSize,
    maxEntries: preset.maxKeys,
    maxWords,
    kept: {keySize: key.size, signedWords},
  };
}

/** Members of the configuration of a program that keeps events. */
export const keeping = ({size}: KeyLayout): Readonly<Record<string, Value>> => ({key_words: size / 8});

/** The end of what lasts. False: nothing at this point is one. */
export function fillForget(program: Program, scene: Scene, match: PairMatch, attempt: Attempt): boolean {
  const {spec, point} = scene.planned;
  attempt('/until', () => program.pairBy(pairStep(program, scene, {...match, expr: match.to}), false, 0));
  // an address is one process's own
  const own = point.site.kind === 'uprobe' && scene.filters.pid !== undefined ? testOf('==', BigInt(scene.filters.pid), false) : undefined;
  if (own !== undefined) program.require(program.value(placeOf({source: 'SOURCE_PID'})), own);
  const writer = new EventWriter(program, scene, false);
  let possible = true;
  for (const value of spec.where)
    attempt(spec.at, () => {
      possible = writer.require(value) && possible;
    });
  writer.flushComparedTexts();
  return possible;
}
