// Single events in place of counts: what the program is told to send, and how what it sends is read. Pure.
import type {EventLayout, KeyField, SentValue, RecordLayout} from '../../decode/layout.ts';
import type {Value} from './encode.ts';
import {memberOffset, sentOf} from './engine.ts';
import {exprId, lastWord} from '../expr-parts.ts';
import {unique} from '../column-names.ts';
import type {Machine} from '../machine.ts';
import type {MeasureLayout} from './measures.ts';

/** Bytes of the ring buffer: read a few times a second, some ten thousand events a second find room. */
export const ringBytes = 1 << 20;

/** Words that the key of an event must have to be of one row. A stack's number is its session's own, and is not compared. */
export function wantedWords(fields: readonly KeyField[], key: Uint8Array): readonly (bigint | undefined)[] {
  const words = [...new BigUint64Array(key.slice().buffer)];
  return words.map((word, w) =>
    fields.some(({kind, offset, size}) => kind === 'stack' && w * 8 >= offset && w * 8 < offset + size) ? undefined : word,
  );
}

/** Members of the configuration of a program that sends each event with its key, in place of counting it; only those whose words
 * are the ones wanted. */
export const sending = (keySize: number, wanted: readonly (bigint | undefined)[]): Readonly<Record<string, Value>> => ({
  key_words: keySize / 8,
  send: true,
  wanted_words: wanted.reduce((bits: number, word, w) => (word === undefined ? bits : bits + 2 ** w), 0),
  wanted: wanted.map((word) => word ?? 0n),
});

export function eventLayout(machine: Machine, {keySize, key}: RecordLayout, measures: MeasureLayout): EventLayout {
  const {type, size: keyOffset} = sentOf(machine);
  const offset = (name: string): number => memberOffset(machine.enginePath, type, name);
  return {
    size: keyOffset + keySize,
    time: offset('time'),
    task: offset('task'),
    comm: offset('comm'),
    values: offset('values'),
    keyOffset,
    keySize,
    key,
    sent: sentValues(measures),
  };
}

/** Each measured expression once, however often it is measured. */
function sentValues({parts}: MeasureLayout): readonly SentValue[] {
  const distinct = parts
    .map((part, index) => ({...part, index}))
    .filter(({expr}, i) => parts.findIndex((each) => exprId(each.expr) === exprId(expr)) === i);
  const names = unique(distinct.map(({expr}) => lastWord(expr)));
  return distinct.map(({index, unit, bias}, i) => {
    const name = names[i] ?? '';
    return {index, name, title: name.toUpperCase(), unit, signed: bias !== 0n};
  });
}
