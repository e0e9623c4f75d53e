// Operands of test/fixtures/workloads/probes.c, in every form that compilers make: what each is, as an expression reads it. The
// values are the same for x86-64 and arm64, whose forms are not.
import assert from 'node:assert/strict';
import type {JsonLine} from './program.ts';

interface Form {
  readonly probe: string;
  /** Those that are keys come as they are; the others are measures. */
  readonly values: readonly (readonly [expr: string, value: number | string])[];
}

export const operandForms: readonly Form[] = [
  {
    probe: 'registers',
    values: [
      ['arg0', 241],
      ['arg1', -128],
      ['sum(arg2)', 5050],
      ['min(arg3)', -2],
      ['sum(arg4)', 4950],
      ['max(arg5)', 255],
    ],
  },
  {
    probe: 'registers',
    values: [
      ['u8(arg1)', 128],
      ['i64(arg3)', -2],
      ['u32(arg3)', 4_294_967_294],
      ['u16(arg2 )', 1],
    ],
  },
  {
    probe: 'indexed',
    values: [
      ['arg0', 1000],
      ['arg1', -2000],
      ['arg2', 77],
      ['arg3', -2],
    ],
  },
  {
    probe: 'indexed',
    values: [
      ['arg4', 1000],
      ['arg5', 3],
      ['i64(arg1)', -2000],
      ['i16(arg2)', 77],
    ],
  },
  {
    probe: 'constants',
    values: [
      ['arg0', 5],
      ['arg1', -9],
      ['arg2', '1234605616436508552'],
      ['arg3', -7],
    ],
  },
  {
    probe: 'constants',
    values: [
      ['arg4', 4_294_967_295],
      ['i32(arg4)', -1],
      ['u8(arg1)', 247],
      ['i64(arg3)', -7],
    ],
  },
];

const isMeasure = (expr: string): boolean => /^(sum|min|max)\(/.test(expr);
const keysOf = ({values}: Form) => values.filter(([expr]) => !isMeasure(expr));
const measuresOf = ({values}: Form) => values.filter(([expr]) => isMeasure(expr));
/** The first round alone, where a key has its number. */
const isFirst = (form: Form): boolean => form.probe === 'registers' && measuresOf(form).length === 0;

export const presetOfForm = (file: string, form: Form) => ({
  name: 'forms',
  attach: `usdt:${file}:wl:${form.probe}`,
  ...(isFirst(form) ? {where: 'arg2 == 1'} : {}),
  by: keysOf(form).map(([field], i) => ({field, title: `V${i}`, format: 'dec'})),
  measure: ['count', ...measuresOf(form).map(([expr]) => expr)],
});

/** Of 100 rounds. */
export function checkForm(form: Form, line: JsonLine): void {
  assert.equal(line.rows.length, 1);
  const [row] = line.rows;
  assert.deepEqual(row?.key, Object.fromEntries(keysOf(form).map(([, value], i) => [`v${i}`, value])));
  assert.equal(row?.total['count'], isFirst(form) ? 1 : 100);
  const measures = measuresOf(form);
  for (const [expr, value] of measures) {
    const kind = expr.slice(0, 3);
    const before = measures.filter(([each]) => each.startsWith(kind)).findIndex(([each]) => each === expr);
    assert.equal(row?.total[before === 0 ? kind : `${kind}${before + 1}`], value, expr);
  }
}
