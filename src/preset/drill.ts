// Drill-down: a view as it counts for one key of another. What the key's raw bytes say goes into the program, so that
// events of all other keys are refused before anything is done for them. Pure.
import type {KeyField} from '../decode/layout.ts';
import {type Expr, parseExpr} from './expr.ts';
import {exprId} from './expr-parts.ts';
import {PresetFault} from './fault.ts';
import type {Filters} from './program/fill.ts';
import {bytesOf, integerOf, textOf} from './program/key-bytes.ts';
import type {ByField, Preset} from './preset.ts';

/** A row that is drilled into: the view it is in, one column of it, and the bytes of its key, one a character. */
interface DrilledRow {
  readonly preset: Preset;
  readonly by: ByField;
  readonly field: KeyField;
  readonly key: string;
}

/** @throws PresetFault where the value cannot be compared with */
export function drilled(child: Preset, row: DrilledRow, filters: Filters): {readonly preset: Preset; readonly filters: Filters} {
  const {field, by} = row;
  const value = row.key.slice(field.offset, field.offset + field.size);
  if (field.kind === 'string' && value.endsWith('\u0001'))
    throw new PresetFault(`the ${field.title} of this row could not be read, so that nothing can be compared with it`);
  // what says which task it is has its own place in views about other tasks than the current one
  switch (taskKey(row.preset, by)) {
    case 'pid':
      return {preset: child, filters: {...filters, pid: Number(integerOf(value))}};
    case 'cgroup':
      return {preset: child, filters: {...filters, cgroup: integerOf(value)}};
    case 'comm':
      return {preset: child, filters: {...filters, comm: bytesOf(textOf(value))}};
    default: {
      const left = expressionIn(child, by);
      const right: Expr =
        field.format.name === 'func' ? {kind: 'text', value: field.format.funcs?.[String(integerOf(value))] ?? ''} : {kind: 'bytes', value};
      return {preset: {...child, where: [...child.where, {at: '/drill', value: {left, operator: '==', right}}]}, filters};
    }
  }
}

/** The column of that name means the same in the other view, however it is read there; else it is read as here. */
function expressionIn(child: Preset, by: ByField): Expr {
  const same = child.by.find((each) => each.name === by.name);
  if (same !== undefined) return parseExpr(same.text);
  return by.from && child.probes.kind === 'attach' ? by.expr : parseExpr(by.text);
}

const names = ['pid', 'comm', 'cgroup'] as const;

/** Which of a task's own properties a column is: then every view can be drilled into by it. */
export function taskKey(preset: Preset, by: ByField): (typeof names)[number] | 'tid' | 'uid' | 'gid' | undefined {
  const own = preset.filter;
  for (const name of names) {
    const expr = own?.[name];
    if (expr !== undefined && exprId(expr) === exprId(by.expr)) return name;
  }
  if (by.format === 'comm') return 'comm';
  if (own !== undefined || by.expr.kind !== 'name') return undefined;
  switch (by.expr.name) {
    case 'pid':
    case 'comm':
    case 'cgroup':
    case 'tid':
    case 'uid':
    case 'gid':
      return by.expr.name;
    case 'user':
      return 'uid';
    default:
      return undefined;
  }
}
