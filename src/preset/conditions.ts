// Conditions: comparisons joined by and, or and not. What the bundled program is told of them is a table: it notes what each
// comparison says as a bit, and looks up whether the event is wanted, however they are joined. Pure.
import type {Comparison, Condition} from './expr.ts';
import type {Located, Preset} from './preset.ts';

export const isComparison = (condition: Condition): condition is Comparison => 'operator' in condition;

export const comparisonsOf = (condition: Condition): readonly Comparison[] =>
  isComparison(condition) ? [condition] : condition.of.flatMap(comparisonsOf);

/** One alone is itself; what is joined alike is one list. */
export function joined(how: 'and' | 'or', of: readonly Condition[]): Condition {
  const [only] = of;
  if (only !== undefined && of.length === 1) return only;
  return {joined: how, of: of.flatMap((each) => ('joined' in each && each.joined === how ? each.of : [each]))};
}

/** All comparisons of a view: of its `where`, and of measures that count some events only. */
export function comparedIn({where, measures}: Pick<Preset, 'where' | 'measures'>): readonly Located<Comparison>[] {
  const conditions = measures.flatMap(({at, value: {call}}) =>
    call.op === 'count' && call.where !== undefined ? [{at, value: call.where}] : [],
  );
  return [...where, ...conditions].flatMap(({at, value}) => comparisonsOf(value).map((each) => ({at, value: each})));
}

/** What one comparison says: always the same, or the bit that the program notes it in. */
export type Outcome = boolean | {readonly bit: number};

/** Bit n: the condition holds where the program noted n. */
export function passTable(condition: Condition, outcomes: ReadonlyMap<Comparison, Outcome>, bits: number): bigint {
  let table = 0n;
  for (let noted = 0; noted < 2 ** bits; noted++) if (holds(condition, outcomes, noted)) table |= 1n << BigInt(noted);
  return table;
}

function holds(condition: Condition, outcomes: ReadonlyMap<Comparison, Outcome>, noted: number): boolean {
  if (isComparison(condition)) {
    const outcome = outcomes.get(condition) ?? false;
    return typeof outcome === 'boolean' ? outcome : (noted & (1 << outcome.bit)) !== 0;
  }
  const each = (inner: Condition): boolean => holds(inner, outcomes, noted);
  switch (condition.joined) {
    case 'and':
      return condition.of.every(each);
    case 'or':
      return condition.of.some(each);
    case 'not':
      return !condition.of.some(each);
  }
}
