import assert from 'node:assert/strict';
import test from 'node:test';
import {framesCell, hasStacks} from '../../src/decode/stacks.ts';
import type {ViewShape} from '../../src/decode/frame.ts';
import {foldedLines} from '../../src/output/folded.ts';
import {countShape, frame, row} from '../support/frames.ts';

const text = (word: string) => ({text: word, value: word});
const column = (name: string, stack?: 'kstack' | 'ustack') => ({
  name,
  title: name.toUpperCase(),
  align: 'left' as const,
  ...(stack === undefined ? {} : {stack}),
});
const shape: ViewShape = {...countShape, keys: [column('kstack', 'kstack'), column('comm'), column('ustack', 'ustack')]};

test('a chain is of the program first, then of the kernel, each outermost first; what is the same is one line', () => {
  const key = [framesCell(['vfs_read', 'do_syscall_64']), text('cat'), framesCell(['read', 'std::map<a;b>', 'main'])];
  const rows = [3, 4].map((count) => ({...row('', count), key}));
  assert.equal(foldedLines(frame(rows), shape), 'cat;main;std::map<a:b>;read;do_syscall_64_[k];vfs_read_[k] 7\n');
});

test('how much is the sum where there is one: time waited, or bytes', () => {
  const summed: ViewShape = {...shape, measures: [...shape.measures, {name: 'sum', title: 'SUM', op: 'sum', unit: 'ns'}]};
  const rows = [{...row('', 2), key: [framesCell(['f']), text('cat'), framesCell(['g'])], total: [2, 2n ** 60n]}];
  assert.equal(foldedLines(frame(rows), summed), `cat;g;f_[k] ${2n ** 60n}\n`);
});

test('a view without call chains has none to fold', () => {
  assert.deepEqual([hasStacks(shape), hasStacks(countShape)], [true, false]);
});
