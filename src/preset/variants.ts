// Which alternatives of `firstOf` to try, in order: each Variant is a preset's probes with every choice made. Pure.
import type {PairMatch, Preset, ProbeChoice, ProbeSpec, Where} from './preset.ts';

export type Variant =
  | {readonly kind: 'attach' | 'call'; readonly from: readonly ProbeSpec[]}
  | {
      readonly kind: 'pair';
      readonly from: readonly ProbeSpec[];
      readonly to: readonly ProbeSpec[];
      readonly match: PairMatch;
    };

const mostVariants = 32;

/** All variants, the first choices first; later choices of the last group vary fastest. */
export const variantsOf = ({probes, orSpan}: Preset): readonly Variant[] => [
  ...variantsAt(probes),
  ...(orSpan === undefined ? [] : variantsAt(orSpan)),
];

function variantsAt(where: Where): readonly Variant[] {
  switch (where.kind) {
    case 'attach':
    case 'call':
      return choices(where.probes).map((from) => ({kind: where.kind, from: from.flat()}));
    case 'pair': {
      const split = where.from.length;
      return choices([...where.from, ...where.to]).map((all) => ({
        kind: 'pair',
        from: all.slice(0, split).flat(),
        to: all.slice(split).flat(),
        match: where.match,
      }));
    }
  }
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
