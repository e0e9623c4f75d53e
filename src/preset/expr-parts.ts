// What an expression's tree says of itself: its column's name, whether it is the same as another, and whether it is of a span's start. Pure.
import type {Expr} from './expr.ts';

/** The current thread: what a span's start and end are paired by where nothing else is asked for. */
export const tid: Expr = {kind: 'name', name: 'tid'};

/** The name that a column gets: `args.filename` is filename, `i64(arg1)` is arg1, `from.args.A.B` is B. */
export function lastWord(expr: Expr): string {
  switch (expr.kind) {
    case 'name':
    case 'member':
      return expr.name;
    case 'index':
    case 'cast':
    case 'struct':
    case 'string':
      return lastWord(expr.of);
    case 'either':
      return lastWord(expr.first);
    case 'integer':
      return String(expr.value);
    case 'text':
    case 'bytes':
      return expr.value;
  }
}

/** The same for the same expression. */
export const exprId = (expr: Expr): string => treeId(expr);

/** The same for trees that say the same: expressions, conditions, configurations. */
export const treeId = (tree: unknown): string => JSON.stringify(tree, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v));

/** `from.X` of a span: the tree of X, and whether there was a `from`. */
export function splitFrom(expr: Expr): {readonly from: boolean; readonly expr: Expr} {
  switch (expr.kind) {
    case 'member':
      if (expr.of.kind === 'name' && expr.of.name === 'from') return {from: true, expr: {kind: 'name', name: expr.name}};
      return within(expr, expr.of);
    case 'index':
    case 'cast':
    case 'struct':
    case 'string':
      return within(expr, expr.of);
    case 'either': {
      const first = splitFrom(expr.first);
      return {from: first.from, expr: {...expr, first: first.expr, second: splitFrom(expr.second).expr}};
    }
    default:
      return {from: false, expr};
  }
}

function within(
  expr: Exclude<Expr, {kind: 'name' | 'integer' | 'text' | 'bytes' | 'either'}>,
  of: Expr,
): {readonly from: boolean; readonly expr: Expr} {
  const inner = splitFrom(of);
  return {from: inner.from, expr: {...expr, of: inner.expr}};
}
