// Texts of a span's start take a place at its end only where there is one: no preset has fewer texts for their being read again.
import assert from 'node:assert/strict';
import test from 'node:test';
import {literalPlan} from '../support/plans.ts';

const text = (size: number) => `str(from.args.filename, ${size})`;
const rows: readonly (readonly string[])[] = [
  [text(7), text(15), text(23)],
  [text(7), text(15), 'kstack'],
  [text(7), text(15), 'kstack', 'ustack'],
  [text(7), text(15), text(23), 'str(args.filename, 7)'],
];

for (const by of rows)
  test(`a span by ${by.join(', ')} can be planned`, () => {
    const fields = by.map((field, i) => ({field, title: `T${i}`}));
    const plan = literalPlan({name: 'view', span: 'syscall:openat', by: fields, measure: 'count'}, new Set(['cookie']));
    assert.equal(plan.session.programs.length, 2);
  });
