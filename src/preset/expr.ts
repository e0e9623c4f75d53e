// The expression grammar: text to tree, for `by`, `where`, `match` and measures. Knows no kernel and no probe; what a
// name means at a probe is resolve.ts's business.
//
//   where   = compare { '&&' compare }
//   compare = expr ( '==' | '!=' | '<' | '<=' | '>' | '>=' | '&' ) expr
//           | '(' expr '&' integer ')' ( '==' | '!=' | '<' | '<=' | '>' | '>=' ) expr
//   expr    = member { '??' member }      the first that this kernel has
//   member  = primary { ( '.' | '->' ) name | '[' integer ']' }
//   primary = name | integer | 'text' | "text" | [ '-' ] errno | name '(' expr [ ',' integer ] ')' | '(struct' name [ '*' ] ')' ( primary | 'args.' name )

import {errnoNumber} from '../decode/errnos.ts';
import {splitFrom} from './expr-parts.ts';
import {hintOfRest, hintOfWord} from './bpftrace-words.ts';

export type IntegerCast = 'i8' | 'i16' | 'i32' | 'i64' | 'u8' | 'u16' | 'u32' | 'u64';

export type Expr =
  | {readonly kind: 'name'; readonly name: string}
  | {readonly kind: 'integer'; readonly value: bigint}
  | {readonly kind: 'text'; readonly value: string}
  /** As they are in a key, one a character; no spelling has it: drill.ts makes it of a row. */
  | {readonly kind: 'bytes'; readonly value: string}
  | {readonly kind: 'member'; readonly of: Expr; readonly name: string}
  | {readonly kind: 'index'; readonly of: Expr; readonly index: number}
  | {readonly kind: 'cast'; readonly to: IntegerCast; readonly of: Expr}
  | {readonly kind: 'struct'; readonly name: string; readonly of: Expr}
  | {readonly kind: 'string'; readonly of: Expr; readonly length: number}
  /** The second where the kernel does not have the first. */
  | {readonly kind: 'either'; readonly first: Expr; readonly second: Expr};

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '&';
export interface Comparison {
  readonly left: Expr;
  readonly operator: CompareOperator;
  readonly right: Expr;
  /** These bits of the left side alone are compared. */
  readonly mask?: bigint;
}

export type MeasureCall =
  | {readonly op: 'count'}
  | {readonly op: 'sum'; readonly of: Expr}
  | {readonly op: 'avg'; readonly of: Expr}
  | {readonly op: 'min'; readonly of: Expr}
  | {readonly op: 'max'; readonly of: Expr}
  | {readonly op: 'hist'; readonly of: Expr}
  | {readonly op: 'lhist'; readonly of: Expr; readonly min: bigint; readonly max: bigint; readonly step: bigint};

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

export function parseWhere(text: string): readonly Comparison[] {
  const reader = new Reader(text);
  const all = [reader.comparison()];
  while (reader.take('&&')) all.push(reader.comparison());
  reader.end();
  return all;
}

export function parseMeasure(text: string): MeasureCall {
  const reader = new Reader(text);
  const op = reader.word('a measure: count, sum(E), min(E), max(E), avg(E), hist(E) or lhist(E, MIN, MAX, STEP)');
  let call: MeasureCall;
  switch (op) {
    case 'count':
      if (reader.take('(')) reader.need(')');
      call = {op};
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

  comparison(): Comparison {
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
    const error = /^-?E[A-Z0-9]+(?!\w)/.exec(this.text.slice(this.at))?.[0] ?? '';
    const errno = errnoNumber(error.replace('-', ''));
    if (errno !== undefined) {
      this.at += error.length;
      return {kind: 'integer', value: BigInt(error.startsWith('-') ? -errno : errno)};
    }
    if (/[-0-9]/.test(c)) return {kind: 'integer', value: this.integer('an integer')};
    if (this.take('(')) return this.parenthesis();
    const name = this.word('a field, a number or a quoted text');
    return this.take('(') ? this.call(name) : {kind: 'name', name};
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
    const found = /^-?(0[xX][0-9a-fA-F]+|\d+)(?!\w)/.exec(this.text.slice(this.at))?.[0];
    if (found === undefined) throw this.expected(what);
    this.at += found.length;
    const value = found.startsWith('-') ? -BigInt(found.slice(1)) : BigInt(found);
    if (value >= 1n << 64n || value < -(1n << 63n)) throw new ExprError(`${found} does not fit into 64 bits`);
    return value;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private expected(what: string): ExprError {
    this.space();
    const rest = this.text.slice(this.at);
    const found = rest === '' ? 'the end' : `'${rest.slice(0, 20)}'`;
    return new ExprError(`expected ${what} at column ${this.at + 1}, found ${found}`, hintOfRest(rest));
  }
}

const isCast = (name: string): name is IntegerCast => casts.has(name);
