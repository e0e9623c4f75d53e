// The terminal's styles as SGR codes ('1;36'): the shortest way from one to another, and which of them a blank shows. Pure.

/** Of a blank, underline, reverse and backgrounds are seen. */
const shown = new Map<string, boolean>();
export function showsOnBlank(style: string): boolean {
  let is = shown.get(style);
  if (is === undefined) {
    is = style.split(';').some((code) => /^(4|7|9|4[0-8]|10[0-7])$/.test(code));
    shown.set(style, is);
  }
  return is;
}

const styles = [''];
const numbers = new Map([['', 0]]);

/** A number for a style, as cells have it; 0 for none. */
export function styleNumber(style: string): number {
  let number = numbers.get(style);
  if (number === undefined) {
    number = styles.push(style) - 1;
    numbers.set(style, number);
  }
  return number;
}

export const styleOf = (number: number): string => styles[number] ?? '';

/** What a blank has of a style. */
export const onBlank = (number: number): number => (showsOnBlank(styleOf(number)) ? number : 0);

const steps = new Map<string, string>();

/** What turns one style into another; '' where they are the same. */
export function styleChange(from: string, to: string): string {
  if (from === to) return '';
  const name = `${from}>${to}`;
  let step = steps.get(name);
  if (step === undefined) steps.set(name, (step = shortest(from, to)));
  return step;
}

function shortest(from: string, to: string): string {
  if (to === '') return '\u001B[m';
  if (from === '') return `\u001B[${to}m`;
  const [now, wanted] = [classes(from), classes(to)];
  // what the new style does not set, and the old one did, only a reset takes away
  const lasts = [...now.keys()].some((kind) => !wanted.has(kind));
  if (lasts) return `\u001B[;${to}m`;
  return `\u001B[${[...new Set([...wanted].flatMap(([kind, code]) => (now.get(kind) === code ? [] : [code])))].join(';')}m`;
}

/** The codes by what they set: a later one of a kind takes the place of an earlier one. */
function classes(style: string): ReadonlyMap<string, string> {
  return new Map(
    style.split(';').flatMap((code): readonly (readonly [string, string])[] => {
      if (/^3[0-7]$/.test(code)) return [['front', code]];
      // the Linux console makes them bold, and bold they leave what follows
      if (/^9[0-7]$/.test(code))
        return [
          ['front', code],
          ['bright', code],
        ];
      if (/^(4[0-7]|10[0-7])$/.test(code)) return [['back', code]];
      return [[code, code]];
    }),
  );
}
