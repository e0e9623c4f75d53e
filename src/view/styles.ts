// Text with meaning attached: what a screen is made of. ui/theme.ts turns styles into colours, a test reads the text.

export type Style =
  | 'plain'
  | 'dim'
  | 'bold'
  | 'title'
  | 'heading'
  | 'sorted'
  | 'selected'
  | 'good'
  | 'warn'
  | 'bad'
  | 'accent'
  | 'value'
  | 'bar'
  | 'barTotal'
  | 'tab'
  | 'key';

export interface Segment {
  readonly text: string;
  readonly style: Style;
}
export type Line = readonly Segment[];

export const seg = (text: string, style: Style = 'plain'): Segment => ({text, style});
export const textOf = (line: Line): string => line.map((segment) => segment.text).join('');
