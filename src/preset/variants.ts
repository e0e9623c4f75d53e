// Which alternatives of `firstOf` to try, in order: each Variant is a preset's probes with every choice made. Pure.
import type {PairMatch, Preset, ProbeChoice, ProbeSpec, Where} from './preset.ts';

export type Variant = Begun & {
  /** Of a view of what lasts: what ends it. */
  readonly until: readonly ProbeSpec[];
};

type Begun =
  | {readonly kind: 'attach' | 'call'; readonly from: readonly ProbeSpec[]}
  | {
      readonly kind: 'pair';
      readonly from: readonly ProbeSpec[];
      readonly to: readonly ProbeSpec[];
      readonly match: PairMatch;
    };

const mostVariants = 32;

/** All variants, the first choices first; later choices of the last group vary fastest. */
export const variantsOf = ({probes, orSpan, until}: Preset): readonly Variant[] => [
  ...variantsAt(probes, until?.probes),
  ...(orSpan === undefined ? [] : variantsAt(orSpan, until?.probes)),
];

function variantsAt(where: Where, ends: readonly ProbeChoice[] = []): readonly Variant[] {
  const from = where.kind === 'pair' ? where.from : where.probes;
  const to = where.kind === 'pair' ? where.to : [];
  return choices([...from, ...to, ...ends]).map((all): Variant => {
    const split = from.length + to.length;
    const [begins, until] = [all.slice(0, from.length).flat(), all.slice(split).flat()];
    if (where.kind !== 'pair') return {kind: where.kind, from: begins, until};
    return {kind: 'pair', from: begins, to: all.slice(from.length, split).flat(), match: where.match, until};
  });
}

/** For each group one alternative, in all ways; counted as a number whose digits are the groups, of which a list may have thousands. */
function choices(groups: readonly ProbeChoice[]): readonly (readonly (readonly ProbeSpec[])[])[] {
  const all: (readonly (readonly ProbeSpec[])[])[] = [];
  const digits = groups.map(() => 0);
  while (all.length < mostVariants) {
    all.push(groups.map((group, i) => group.alternatives[digits[i] ?? 0] ?? []));
    let at = digits.length - 1;
    for (; at >= 0; at--) {
      digits[at] = (digits[at] ?? 0) + 1;
      if ((digits[at] ?? 0) < (groups[at]?.alternatives.length ?? 0)) break;
      digits[at] = 0;
    }
    if (at < 0) break;
  }
  return all;
}
