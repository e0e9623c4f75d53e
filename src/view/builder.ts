// A view made on the screen: a probe that is searched for, fields of it to group by, what to measure. What the builder
// holds, what can be chosen at each step, and its lines. Pure; the source searches and makes.
import {crop, fit, widthOf} from './fit.ts';
import {type Line, seg, type Style} from './styles.ts';

export type Step = 'probe' | 'by' | 'where' | 'measure' | 'name';
const steps: readonly Step[] = ['probe', 'by', 'where', 'measure', 'name'];

/** One that can be chosen: the text that goes into the preset, and what it is. */
export interface Choice {
  readonly text: string;
  readonly says: string;
  /** A field that is a number, so that it can be measured. */
  readonly number?: boolean;
}

/** What was chosen so far: the parts of a preset. */
export interface Parts {
  readonly probe: string;
  readonly by: readonly string[];
  readonly where: string;
  readonly measure: readonly string[];
  /** '': it is not saved. */
  readonly name: string;
}

export interface Builder {
  readonly step: Step;
  readonly parts: Parts;
  /** What is being typed at this step. */
  readonly query: string;
  readonly selected: number;
  /** Probes that were found, and for which text. */
  readonly found: readonly Choice[];
  readonly foundFor: string | undefined;
  /** Fields of the chosen probe, and whether its calls have a duration; not known yet: undefined. */
  readonly fields?: readonly Choice[];
  readonly spans: boolean;
  readonly fault?: string;
}

export const emptyBuilder: Builder = {
  step: 'probe',
  parts: {probe: '', by: [], where: '', measure: [], name: ''},
  query: '',
  selected: 0,
  found: [],
  foundFor: undefined,
  spans: false,
};

/** What can be chosen at this step, narrowed by what is typed; what is typed itself comes first where it is none of them. */
export function choicesOf(builder: Builder): readonly Choice[] {
  const {step, query, found, fields = []} = builder;
  const typed = query.trim();
  switch (step) {
    case 'probe':
      return typed.includes(':') && !found.some(({text}) => text === typed)
        ? [{text: typed, says: 'as typed; * is a wildcard'}, ...found]
        : found;
    case 'by':
      return withTyped(fields, typed, 'as typed: a field expression');
    case 'measure':
      return withTyped(measuresOf(builder), typed, 'as typed: a measure');
    case 'where':
      return fields.filter(({text}) => text.includes(lastWordOf(query)));
    case 'name':
      return [];
  }
}

function withTyped(all: readonly Choice[], typed: string, says: string): readonly Choice[] {
  const wanted = typed.toLowerCase();
  const near = all.filter(({text, says: means}) => text.toLowerCase().includes(wanted) || means.toLowerCase().includes(wanted));
  return typed === '' || all.some(({text}) => text === typed) ? near : [...near, {text: typed, says}];
}

const lastWordOf = (text: string): string => /[\w.]*$/.exec(text)?.[0] ?? '';

function measuresOf({fields = [], spans}: Builder): readonly Choice[] {
  const of = (expr: string, what: string): readonly Choice[] => [
    {text: `hist(${expr})`, says: `how ${what} is distributed, with percentiles`},
    {text: `sum(${expr})`, says: `its sum`},
    {text: `avg(${expr})`, says: `its average`},
    {text: `max(${expr})`, says: `its greatest`},
    {text: `min(${expr})`, says: `its least`},
  ];
  const numbers = fields.filter(({number}) => number === true);
  return [
    {text: 'count', says: 'how often'},
    ...(spans ? of('duration', 'the time from entry to return') : []),
    ...numbers.flatMap(({text}) => of(text, text)),
  ];
}

const chosenAt = ({step, parts}: Builder): readonly string[] => (step === 'by' ? parts.by : step === 'measure' ? parts.measure : []);

/** A field or a measure is chosen, or no longer. */
export function toggled(builder: Builder): Builder {
  const {step, parts, selected} = builder;
  const choice = choicesOf(builder)[selected];
  if (choice === undefined || (step !== 'by' && step !== 'measure')) return builder;
  const chosen = chosenAt(builder);
  const next = chosen.includes(choice.text) ? chosen.filter((each) => each !== choice.text) : [...chosen, choice.text];
  return {...unfaulted(builder), parts: {...parts, [step]: next}, query: '', selected: 0};
}

export const unfaulted = ({fault: _, ...builder}: Builder): Builder => builder;

/** Goes on to the next step with what is typed or selected; the last one makes the view. */
export function advanced(builder: Builder): Builder {
  const {step, parts, query, selected} = builder;
  const choice = choicesOf(builder)[selected]?.text ?? '';
  const at = (next: Step, changed: Partial<Parts>): Builder => {
    const all = {...parts, ...changed};
    return {
      ...unfaulted(builder),
      step: next,
      parts: all,
      query: next === 'where' ? all.where : next === 'name' ? all.name : '',
      selected: 0,
    };
  };
  switch (step) {
    case 'probe': {
      if (choice === '') return {...builder, fault: 'no probe has that name: type a part of one, or KIND:NAME with * as a wildcard'};
      const {fields: _, ...rest} = at('by', {probe: choice});
      // another probe has other fields
      return choice === parts.probe ? at('by', {}) : {...rest, parts: {...rest.parts, by: [], measure: []}, spans: false};
    }
    case 'by':
      return at('where', query.trim() === '' ? {} : {by: [...new Set([...parts.by, query.trim()])]});
    case 'where':
      return at('measure', {where: query.trim()});
    case 'measure':
      return at('name', query.trim() === '' ? {} : {measure: [...new Set([...parts.measure, query.trim()])]});
    case 'name':
      return {...builder, parts: {...parts, name: query.trim()}};
  }
}

export function retreated(builder: Builder): Builder {
  const step = steps[steps.indexOf(builder.step) - 1];
  if (step === undefined) return builder;
  const query = step === 'probe' ? builder.parts.probe : step === 'where' ? builder.parts.where : '';
  return {...unfaulted(builder), step, query, selected: 0};
}

const labels: Readonly<Record<Step, string>> = {probe: 'probe', by: 'group by', where: 'only where', measure: 'measure', name: 'save as'};
const asks: Readonly<Record<Step, string>> = {
  probe: 'a part of its name: open, tcp_, syscall:read, uprobe:libc:malloc, tracepoint:sched:*',
  by: 'what makes a row; Space takes it, Enter goes on',
  where: "comparisons joined by &&, such as args.ret < 0 && comm == 'node'; Enter goes on without any",
  measure: 'Space takes it, Enter goes on; nothing: count',
  name: 'a name saves it among your presets; Enter alone just shows it',
};

const lowLines = 12;

export function builderLines(builder: Builder, columns: number, lines: number, ascii: boolean): readonly Line[] {
  const {step, parts, query} = builder;
  const values: Readonly<Record<Step, string>> = {
    probe: parts.probe,
    by: parts.by.join(', '),
    where: parts.where,
    measure: parts.measure.join(', '),
    name: parts.name,
  };
  // where the screen is low, the choices get what the other steps took
  const low = lines < lowLines;
  const head: Line[] = [
    [seg(' New view', 'title')],
    ...(low ? [step] : steps).map((each): Line => {
      const now = each === step;
      const typed = now && (each === 'probe' || each === 'where' || each === 'name');
      const shown = typed ? query : values[each];
      const rest = now && !typed && query !== '' ? ` ${query}` : '';
      return [
        seg(now ? (ascii ? ' > ' : ' ▌ ') : '   ', 'accent'),
        seg(fit(labels[each], 12), now ? 'key' : 'dim'),
        seg(crop(shown, columns - 18), now ? 'bold' : 'plain'),
        ...(rest === '' ? [] : [seg(crop(rest, Math.max(1, columns - 18 - widthOf(shown))), 'match')]),
        ...(now ? [seg(' ', 'tab')] : []),
      ];
    }),
    builder.fault === undefined
      ? [seg(`   ${crop(asks[step], columns - 4)}`, 'dim')]
      : [seg(`   ${crop(builder.fault, columns - 4)}`, 'bad')],
    ...(low ? [] : [[]]),
  ];
  return [...head, ...choiceLines(builder, columns, Math.max(1, lines - head.length), ascii)];
}

function choiceLines(builder: Builder, columns: number, lines: number, ascii: boolean): readonly Line[] {
  const choices = choicesOf(builder);
  const {step, selected, query, foundFor, fields} = builder;
  if (choices.length === 0) {
    const waits = step === 'probe' ? query.trim() !== '' && foundFor !== query.trim() : step !== 'name' && fields === undefined;
    return step === 'name' || (step === 'probe' && query.trim() === '')
      ? []
      : [[seg(waits ? '   searching …' : '   nothing has that name', 'dim')]];
  }
  const chosen = chosenAt(builder);
  const width = Math.min(Math.max(24, ...choices.map(({text}) => widthOf(text))), Math.floor(columns * 0.6));
  const top = Math.max(0, Math.min(selected - Math.floor(lines / 2), choices.length - lines));
  const many = step === 'by' || step === 'measure';
  return choices.slice(top, top + lines).map(({text, says}, i): Line => {
    const current = top + i === selected;
    const style: Style = current ? 'selected' : 'plain';
    const mark = many ? (chosen.includes(text) ? '[x] ' : '[ ] ') : '';
    const rest = Math.max(0, columns - 6 - widthOf(mark) - width);
    return [
      seg(current ? (ascii ? ' > ' : ' ▌ ') : '   ', 'accent'),
      seg(mark, current ? 'selected' : chosen.includes(text) ? 'good' : 'dim'),
      seg(fit(text, width), style),
      seg(`  ${fit(says, Math.max(1, rest))}`, current ? 'selected' : 'dim'),
    ].map((segment) => ({...segment, target: {kind: 'pick', index: top + i} as const}));
  });
}
