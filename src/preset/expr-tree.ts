// What the grammar of expr.ts makes of a text: trees of expressions, conditions and measures. Types only.

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

/** Comparisons, and what joins them; 'not' has one. */
export type Condition = Comparison | {readonly joined: 'and' | 'or' | 'not'; readonly of: readonly Condition[]};

export type MeasureCall =
  /** With a condition: those events alone. */
  | {readonly op: 'count'; readonly where?: Condition}
  | {readonly op: 'sum'; readonly of: Expr}
  | {readonly op: 'avg'; readonly of: Expr}
  | {readonly op: 'min'; readonly of: Expr}
  | {readonly op: 'max'; readonly of: Expr}
  | {readonly op: 'hist'; readonly of: Expr}
  | {readonly op: 'lhist'; readonly of: Expr; readonly min: bigint; readonly max: bigint; readonly step: bigint};
