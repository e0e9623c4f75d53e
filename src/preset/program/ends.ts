// Where the expressions of a view are read: at both ends of a span, or at the one point of a view without a span. Pure.
import type {Expr} from '../expr.ts';
import {WrongPreset} from '../fault.ts';
import type {Machine} from '../machine.ts';
import type {Point} from '../points/point.ts';
import {type Field, resolve} from '../resolve.ts';

/** One point stands for all of that end: they differ in where they are, not in what can be read there. */
export interface Ends {
  /** The same as `end` without a span. */
  readonly start: Point;
  readonly end: Point;
  readonly span: boolean;
  /** They are of one call: of the same task, in the same memory. */
  readonly call: boolean;
  readonly machine: Machine;
}

/** What an expression is: `from.E`, given without its `from`, at the start; everything else at the end. */
export function fieldAt({start, end, span, machine}: Ends, expr: Expr, from: boolean): Field {
  if (from && !span)
    throw new WrongPreset("'from' is the start of a span: here is none", 'use "span" in place of "attach", or leave out "from."');
  return resolve(expr, from ? start : end, machine, span && !from);
}
