// Writing what is on the screen to a file: which format, then which path, asked for in the last line. Pure; commands write.
import type {Frame, ViewShape} from '../decode/frame.ts';
import {safeString} from '../decode/safe-text.ts';
import {crop, widthOf} from './fit.ts';
import {hint, type Line, seg} from './styles.ts';

export type SaveFormat = 'text' | 'csv' | 'json' | 'svg';

/** THE table of formats: the key that chooses one, and how its files end. */
export const saveFormats: readonly {readonly format: SaveFormat; readonly key: string; readonly word: string; readonly ending: string}[] = [
  {format: 'text', key: 't', word: 'text', ending: 'txt'},
  {format: 'csv', key: 'c', word: 'CSV', ending: 'csv'},
  {format: 'json', key: 'j', word: 'JSON', ending: 'json'},
  {format: 'svg', key: 's', word: 'SVG', ending: 'svg'},
];

export type Saving =
  | {readonly stage: 'format'}
  /** `fault`: why the last attempt failed. */
  | {readonly stage: 'path'; readonly format: SaveFormat; readonly path: string; readonly fault?: string};

/** What is written: the screen's lines as painted for text and SVG, the rows in the order shown for CSV and JSON. */
export interface SaveRequest {
  readonly format: SaveFormat;
  readonly path: string;
  readonly lines: readonly string[];
  readonly columns: number;
  readonly data: {readonly frame: Frame; readonly shape: ViewShape} | undefined;
}

/** tsbpftop-openat-20261123-100001.txt, of the moment shown. */
export function defaultPath(view: string, time: number, format: SaveFormat): string {
  const at = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const clock = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  const ending = saveFormats.find((each) => each.format === format)?.ending ?? '';
  return `tsbpftop-${view.replace(/[^A-Za-z0-9._-]+/g, '-')}-${day}-${clock}.${ending}`;
}

const now = (word: string): Line => hint('Enter', word, 'writeNow', 'enter');
const leave = (word: string): Line => hint('Esc', word, 'close', 'escape');

export function savingLine(saving: Saving, columns: number): Line {
  if (saving.stage === 'format')
    return [
      seg(' write the screen as  ', 'plain'),
      ...saveFormats.flatMap(({key, word}) => hint(key, word, 'format', key)),
      ...leave('back'),
    ];
  const fault = saving.fault;
  const path = safeString(saving.path);
  if (fault !== undefined) return [seg(` ${fault}  `, 'bad'), ...now('again'), ...leave('back')];
  const end: Line = [...now('write'), ...leave('back')];
  const room = columns - ' to '.length - ' Enter write  Esc back  '.length - 3;
  // the end of a long path is what is being typed
  const shown = widthOf(path) <= room ? path : `…${[...path].slice(1 - room).join('')}`;
  return [seg(' to '), seg(crop(shown, room), 'match'), seg(' ', 'tab'), seg('  '), ...end];
}
