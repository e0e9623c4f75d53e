// The expression grammar: text to tree, for `by`, `where`, `match` and measures. Knows no kernel and no probe; what a
// name means at a probe is resolve.ts's business.
//
//   where   = all { '||' all }
//   all     = one { '&&' one }
//   one     = compare | '(' where ')' | '!' '(' where ')'
//   compare = expr ( '==' | '!=' | '<' | '<=' | '>' | '>=' | '&' ) expr
//           | '(' expr '&' integer ')' ( '==' | '!=' | '<' | '<=' | '>' | '>=' ) expr
//   expr    = member { '??' member }      the first that this kernel has
//   member  = primary { ( '.' | '->' ) name | '[' integer ']' }
//   integer = digits [ 'ns' | 'us' | 'ms' | 's' | 'KiB' | 'MiB' ... ]
//   primary = name | integer | 'text' | "text" | [ '-' ] errno | signal | name '(' expr [ ',' integer ] ')' | '(struct' name [ '*' ] ')' ( primary | 'args.' name )

import {errnoNumber, signalNumber} from '../decode/errnos.ts';
import {joined} from './conditions.ts';
import {splitFrom} from './expr-parts.ts';
import {hintOfRest, hintOfWord} from './bpftrace-words.ts';
import {scales} from './units.ts';
import type {CompareOperator, Comparison, Condition, Expr, IntegerCast, MeasureCall} from './expr-tree.ts';

export type {CompareOperator, Comparison, Condition, Expr, IntegerCast, MeasureCall} from './expr-tree.ts';

/** The text is not an expression: says where and what was expected. */
export class ExprError extends Error {
  readonly hint: string;

  constructor(message: string, hint = '') {
    super(message);
    this.hint = hint;
  }
}

export const defaultStringLength = 63;
export const maxStringLength = 127;
const casts: ReadonlySet<string> = new Set<IntegerCast>(['i8', 'i16', 'i32', 'i64', 'u8', 'u16', 'u32', 'u64']);
const operators: readonly CompareOperator[] = ['==', '!=', '<=', '>=', '<', '>', '&'];

export function parseExpr(text: string): Expr {
  const reader = new Reader(text);
  const expr = reader.expr();
  reader.end();
  return expr;
}

/** Conditions that all have to hold. */
export function parseWhere(text: string): readonly Condition[] {
  const reader = new Reader(text);
  const condition = reader.condition();
  reader.end();
  return 'joined' in condition && condition.joined === 'and' ? condition.of : [condition];
}

export function parseMeasure(text: string): MeasureCall {
  const reader = new Reader(text);
  const op = reader.word('a measure: count, count(W), sum(E), min(E), max(E), avg(E), hist(E) or lhist(E, MIN, MAX, STEP)');
  let call: MeasureCall;
  switch (op) {
    case 'count':
      call = {op};
      if (reader.take('(') && !reader.take(')')) {
        call = {op, where: reader.condition()};
        reader.need(')');
      }
      break;
    case 'sum':
    case 'min':
    case 'max':
    case 'avg':
    case 'hist':
      reader.need('(');
      call = {op, of: reader.expr()};
      reader.need(')');
      break;
    case 'lhist': {
      reader.need('(');
      const of = reader.expr();
      const [min, max, step] = [reader.bound(), reader.bound(), reader.bound()];
      reader.need(')');
      if (step <= 0n || max <= min) throw new ExprError('lhist(E, MIN, MAX, STEP) wants MIN < MAX and STEP > 0');
      call = {op, of, min, max, step};
      break;
    }
    default:
      throw new ExprError(`unknown measure '${op}': expected count, sum, min, max, avg, hist or lhist`, hintOfWord(op));
  }
  reader.end();
  return call;
}

const longest = 2000; // trees are walked by calls that go down into each member

class Reader {
  private at = 0;
  private readonly text: string;
  private depth = 0;

  constructor(text: string) {
    if (text.length > longest) throw new ExprError(`${text.length} characters are no expression: at most ${longest}`);
    this.text = text;
  }

  expr(): Expr {
    let expr = this.member();
    while (this.take('??')) {
      const second = this.member();
      if (splitFrom(expr).from !== splitFrom(second).from)
        throw new ExprError("both sides of '??' are of the start of a span, or both of its end");
      expr = {kind: 'either', first: expr, second};
    }
    return expr;
  }

  private member(): Expr {
    if (++this.depth > 32) throw new ExprError('nested too deeply');
    let expr = this.primary();
    for (;;) {
      if (this.take('.') || this.take('->')) expr = {kind: 'member', of: expr, name: this.word('a member name')};
      else if (this.take('[')) {
        expr = {kind: 'index', of: expr, index: Number(this.integer('a constant index'))};
        this.need(']');
      } else break;
    }
    this.depth--;
    return expr;
  }

  condition(): Condition {
    const any = [this.all()];
    while (this.take('||')) any.push(this.all());
    return joined('or', any);
  }

  private all(): Condition {
    const all = [this.one()];
    while (this.take('&&')) all.push(this.one());
    return joined('and', all);
  }

  private one(): Condition {
    const not = this.take('!');
    const begin = this.at;
    if (not && !this.take('('))
      throw new ExprError("expected '(' behind '!'", 'what is denied stands in parentheses: !(pid == 1); or pid != 0');
    this.at = begin;
    if (not || !this.take('(')) return not ? {joined: 'not', of: [this.group()]} : this.comparison();
    // a parenthesis also begins what is compared: (arg0 & 7) == 1, (struct sock)arg0.member == 1
    this.at = begin;
    let failed: {readonly at: number; readonly error: unknown};
    try {
      return this.comparison();
    } catch (error) {
      failed = {at: this.at, error};
      this.at = begin;
    }
    try {
      const inner = this.group();
      // what is compared with something is no condition
      if (!/^([=!<>]|&(?!&))/.test(this.rest())) return inner;
    } catch (error) {
      if (failed.at <= this.at) throw error;
    }
    throw failed.error; // of the two readings, what the one that gets further says
  }

  private group(): Condition {
    this.need('(');
    if (++this.depth > 32) throw new ExprError('nested too deeply');
    const inner = this.condition();
    this.need(')');
    this.depth--;
    return inner;
  }

  private comparison(): Comparison {
    const masked = this.masked();
    const left = masked?.left ?? this.expr();
    this.space();
    const operator = operators.find((candidate) => this.text.startsWith(candidate, this.at) && !this.text.startsWith('&&', this.at));
    if (operator === undefined) throw this.expected('a comparison: == != < <= > >= or &');
    if (operator === '&' && masked !== undefined) throw this.expected('a comparison of the bits: == != < <= > or >=');
    this.at += operator.length;
    return {left, operator, right: this.expr(), ...(masked === undefined ? {} : {mask: masked.mask})};
  }

  /** `(E & N)`; undefined where something else begins. */
  private masked(): {readonly left: Expr; readonly mask: bigint} | undefined {
    const begin = this.at;
    if (this.take('(') && !/^\s*struct\b/.test(this.text.slice(this.at))) {
      const left = this.expr();
      if (this.take('&')) {
        const mask = this.integer('a constant of bits');
        this.need(')');
        return {left, mask};
      }
    }
    this.at = begin;
    return undefined;
  }

  bound(): bigint {
    this.need(',');
    return this.integer('an integer');
  }

  word(what: string): string {
    this.space();
    const found = /^[A-Za-z_]\w*/.exec(this.text.slice(this.at))?.[0];
    if (found === undefined) throw this.expected(what);
    this.at += found.length;
    return found;
  }

  take(token: string): boolean {
    this.space();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  need(token: string): void {
    if (!this.take(token)) throw this.expected(`'${token}'`);
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) throw this.expected('the end');
  }

  private primary(): Expr {
    this.space();
    const c = this.text[this.at] ?? '';
    if (c === "'" || c === '"') return this.quoted(c);
    const name = /^(-?E[A-Z0-9]+|SIG[A-Z0-9]+)(?!\w)/.exec(this.text.slice(this.at))?.[0] ?? '';
    const number = signalNumber(name) ?? errnoNumber(name.replace('-', ''));
    if (number !== undefined) {
      this.at += name.length;
      return {kind: 'integer', value: BigInt(name.startsWith('-') ? -number : number)};
    }
    if (/[-0-9]/.test(c)) return {kind: 'integer', value: this.integer('an integer')};
    if (this.take('(')) return this.parenthesis();
    const word = this.word('a field, a number or a quoted text');
    return this.take('(') ? this.call(word) : {kind: 'name', name: word};
  }

  private parenthesis(): Expr {
    if (/^\s*struct\b/.test(this.text.slice(this.at))) {
      this.word('struct');
      const name = this.word('the name of a struct');
      this.take('*');
      this.need(')');
      return {kind: 'struct', name, of: this.castOperand()};
    }
    const inner = this.expr();
    this.need(')');
    return inner;
  }

  /** What is given a type is an argument, not all of them: args.NAME is one. */
  private castOperand(): Expr {
    const of = this.primary();
    return of.kind === 'name' && of.name === 'args' && (this.take('.') || this.take('->'))
      ? {kind: 'member', of, name: this.word('the name of an argument')}
      : of;
  }

  private call(name: string): Expr {
    if (name !== 'str' && !isCast(name))
      throw new ExprError(`unknown function '${name}': expected str(E), str(E, N) or a cast such as i32(E)`, hintOfWord(name));
    const of = this.expr();
    if (isCast(name)) {
      this.need(')');
      return {kind: 'cast', to: name, of};
    }
    let length = defaultStringLength;
    if (this.take(',')) length = Number(this.integer('a length'));
    this.need(')');
    if (length < 1 || length > maxStringLength) throw new ExprError(`str(E, N) wants N from 1 to ${maxStringLength}, not ${length}`);
    return {kind: 'string', of, length};
  }

  private quoted(quote: string): Expr {
    const end = this.text.indexOf(quote, this.at + 1);
    if (end < 0) throw new ExprError(`the text that begins at column ${this.at + 1} has no closing quote`);
    const value = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return {kind: 'text', value};
  }

  private integer(what: string): bigint {
    this.space();
    const [found, sign, digits = '', unit = ''] = /^(-?)(0[xX][0-9a-fA-F]+|\d+)([A-Za-z]*)(?!\w)/.exec(this.text.slice(this.at)) ?? [];
    const scale = unit === '' ? 1n : scales[unit];
    if (found === undefined || scale === undefined)
      throw this.expected(found === undefined ? what : `${what}, or one of ${Object.keys(scales).join(' ')} behind it`);
    this.at += found.length;
    const value = BigInt(digits) * scale * (sign === '-' ? -1n : 1n);
    if (value >= 1n << 64n || value < -(1n << 63n)) throw new ExprError(`${found} does not fit into 64 bits`);
    return value;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private rest(): string {
    this.space();
    return this.text.slice(this.at);
  }

  private expected(what: string): ExprError {
    const rest = this.rest();
    const found = rest === '' ? 'the end' : `'${rest.slice(0, 20)}'`;
    return new ExprError(`expected ${what} at column ${this.at + 1}, found ${found}`, hintOfRest(rest));
  }
}

const isCast = (name: string): name is IntegerCast => casts.has(name);
