// Makes a Preset of the members of a preset file: the expressions read, what is left out filled in, each fault with its pointer.
// Pure.
import {nearest} from '../errors.ts';
import {columnNames, defaultTitle, repeated} from './column-names.ts';
import {ExprError, parseExpr, parseMeasure, parseWhere, type Condition, type Expr} from './expr.ts';
import {lastWord, splitFrom, tid} from './expr-parts.ts';
import type {Fault} from './fault.ts';
import type {ByField, Located, PairMatch, PointMatch, Preset, ProbeChoice, ProbeSpec, Until, Where} from './preset.ts';
import type {PresetFile} from './schema.ts';

export class PresetBuilder {
  readonly faults: Fault[] = [];
  private readonly file: string;
  private readonly json: string;

  constructor(file: string, json: string) {
    this.file = file;
    this.json = json;
  }

  /** @param shape what is wrong with it already: such members are as if they were not there */
  build(given: PresetFile, shape: readonly Fault[]): Preset | undefined {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
    const sound = (...members: readonly string[]): boolean =>
      !shape.some(({pointer}) => members.some((member) => `${pointer}/`.startsWith(`/${member}/`)));
    const ok = <K extends keyof PresetFile & string>(member: K): PresetFile[K] | undefined => (sound(member) ? given[member] : undefined);
    const where = this.list(given.where, '/where').flatMap(({at, value}) => this.where(value, at));
    const by = (Array.isArray(given.by) ? given.by : []).flatMap((entry, i) => this.by(entry, `/by/${i}`, sound(`by/${i}`)));
    const measures = this.list(given.measure, '/measure').flatMap(({at, value}) => {
      const isText = typeof value === 'string';
      const [text, title] = isText ? [value] : [value?.measure, value?.title];
      const call = typeof text === 'string' ? this.parse(isText ? at : `${at}/measure`, () => parseMeasure(text)) : undefined;
      if (typeof text !== 'string' || call === undefined) return [];
      return [{at, value: {call, text, ...(typeof title === 'string' ? {title} : {})}}];
    });
    const filter = this.filter(given.filter);
    if (sound('attach', 'span', 'measure')) this.together(given);
    this.faults.push(...repeated(by));
    this.drillColumn(ok('drill'), by);
    const until = sound('until') ? this.until(given.until) : undefined;
    this.sortColumn(ok('sort'), by, measures, until !== undefined);
    const probes = sound('attach', 'span') ? this.probes(given) : undefined;
    const orSpan = given.orSpan !== undefined && sound('orSpan') ? this.span(given.orSpan, '/orSpan') : undefined;
    if (probes === undefined) return undefined;
    const name = ok('name') ?? 'view';
    const [drill, unit, warning, instead, words] = [ok('drill'), ok('unit'), ok('warning'), ok('instead'), ok('words')];
    return {
      name,
      title: ok('title') ?? defaultTitle(name, by),
      group: ok('group') ?? 'other',
      description: ok('description') ?? '',
      ...(words === undefined ? {} : {words}),
      file: this.file,
      json: this.json,
      probes,
      ...(orSpan === undefined ? {} : {orSpan}),
      where,
      ...(until === undefined ? {} : {until}),
      ...(filter === undefined ? {} : {filter}),
      by,
      measures,
      ...(unit === undefined ? {} : {unit}),
      sort: ok('sort') ?? (until === undefined ? '-rate' : '-total'),
      ...(drill === undefined ? {} : {drill}),
      ...(instead === undefined ? {} : {instead}),
      maxKeys: ok('maxKeys') ?? 10_240,
      maxStacks: ok('maxStacks') ?? 16_384,
      map: ok('map') ?? 'auto',
      maxProbes: ok('maxProbes') ?? 1000,
      needsPid: ok('needsPid') ?? false,
      ...(warning === undefined ? {} : {warning}),
      allowGoUretprobe: ok('allowGoUretprobe') ?? false,
      allowCppUretprobe: ok('allowCppUretprobe') ?? false,
    };
  }

  /** Rules over several members. */
  private together(given: PresetFile): void {
    const roots = (['attach', 'span'] as const).filter((name) => given[name] !== undefined);
    if (roots.length !== 1)
      this.faults.push({
        pointer: '',
        message: `expected one of attach, span, object or source, found ${roots.length === 0 ? 'none' : roots.join(' and ')}`,
      });
    if (given.orSpan !== undefined && given.attach === undefined)
      this.faults.push({pointer: '/orSpan', message: "expected 'attach', in whose place this is, found none", hint: '"span": ...'});
    if (given.measure === undefined) this.faults.push({pointer: '', message: "expected 'measure', found none", hint: '"measure": "count"'});
  }

  private sortColumn(sort: string | undefined, by: readonly ByField[], measures: Preset['measures'], lasting: boolean): void {
    if (sort === undefined || this.faults.some(({pointer}) => /^\/(by|measure)/.test(pointer))) return;
    const names = columnNames(by, measures, lasting);
    const wanted = sort.replace(/^-/, '');
    if (names.includes(wanted)) return;
    const near = nearest(wanted, names, 1);
    this.faults.push({
      pointer: '/sort',
      message: `no column '${wanted}'`,
      hint: `${near.length > 0 ? `nearest: ${near.join(', ')}; ` : ''}it has ${names.join(', ')}`,
    });
  }

  private drillColumn(drill: PresetFile['drill'], by: readonly ByField[]): void {
    // an expression that has a fault is no column, and its fault is told
    if (drill === undefined || this.faults.some(({pointer}) => pointer.startsWith('/by'))) return;
    if (by.some(({name, text}) => name === drill.by || text === drill.by)) return;
    const names = by.map(({name}) => name);
    this.faults.push({
      pointer: '/drill/by',
      message: `no column '${drill.by}'`,
      hint: names.length === 0 ? 'the view has no "by": there is no row to go into' : `the columns are ${names.join(', ')}`,
    });
  }

  private by(entry: NonNullable<PresetFile['by']>[number], at: string, sound: boolean): readonly ByField[] {
    const isText = typeof entry === 'string';
    const text = isText ? entry : entry?.field;
    if (typeof text !== 'string') return [];
    const whole = this.parse(isText ? at : `${at}/field`, () => parseExpr(text));
    if (whole === undefined) return [];
    const {from, expr} = splitFrom(whole);
    const title = isText || typeof entry.title !== 'string' ? undefined : entry.title;
    const format = isText || !sound ? undefined : entry.format;
    const map = isText || !sound ? undefined : entry.map;
    const isFunc = expr.kind === 'name' && expr.name === 'func';
    for (const value of Object.keys(map ?? {}))
      if (!isFunc && !/^-?\d+$/.test(value))
        this.faults.push({
          pointer: `${at}/map/${value.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          message: `expected a whole number as the value that gets a text, found "${value}"`,
          hint: '"map": {"0": "read", "1": "write"}',
        });
    return [
      {
        at,
        text,
        expr,
        from,
        name: title === undefined ? lastWord(whole) : title.toLowerCase(),
        title: title ?? lastWord(whole).toUpperCase(),
        ...(format === undefined ? {} : {format}),
        ...(map === undefined ? {} : {map}),
      },
    ];
  }

  private probes(given: PresetFile): Where | undefined {
    if (given.attach !== undefined) return {kind: 'attach', probes: this.choices(given.attach, '/attach')};
    return given.span === undefined ? undefined : this.span(given.span, '/span');
  }

  private span(span: NonNullable<PresetFile['span']>, at: string): Where {
    if (typeof span === 'string' || Array.isArray(span) || 'firstOf' in span) return {kind: 'call', probes: this.choices(span, at)};
    const {match = 'tid'} = span;
    return {
      kind: 'pair',
      from: this.choices(span.from, `${at}/from`),
      to: this.choices(span.to, `${at}/to`),
      match: this.match(match, `${at}/match`),
    };
  }

  private until(given: PresetFile['until']): Until | undefined {
    if (given === undefined) return undefined;
    const {to, match, at} =
      typeof given === 'object' && 'to' in given ? {...given, at: '/until/to'} : {to: given, match: undefined, at: '/until'};
    return {probes: this.choices(to, at), match: this.match(match ?? 'tid', '/until/match')};
  }

  private match(given: string | [string, string] | {from: string; to: string}, at: string): PairMatch {
    if (typeof given === 'object' && !Array.isArray(given))
      return {from: this.matched(given.from, `${at}/from`).expr, to: this.matched(given.to, `${at}/to`).expr};
    const {expr, ...within} = this.matched(given, at);
    return {from: expr, to: expr, ...within};
  }

  private matched(given: string | [string, string], at: string): PointMatch {
    const expr = (text: string, place: string): Expr => this.parse(place, () => parseExpr(text)) ?? tid;
    return typeof given === 'string' ? {expr: expr(given, at)} : {expr: expr(given[1], `${at}/1`), within: expr(given[0], `${at}/0`)};
  }

  private choices(given: NonNullable<PresetFile['attach']>, at: string): readonly ProbeChoice[] {
    return this.list(given, at).map(({at: place, value}) =>
      typeof value === 'object' && 'firstOf' in value
        ? {
            at: place,
            alternatives: value.firstOf.map((each, i) =>
              this.list(each, `${place}/firstOf/${i}`).map((one) => this.spec(one.value, one.at)),
            ),
          }
        : {at: place, alternatives: [[this.spec(value, place)]]},
    );
  }

  private spec(
    given: string | {probe: string; where?: string | string[] | undefined; match?: string | [string, string] | undefined},
    at: string,
  ): ProbeSpec {
    if (typeof given === 'string') return {at, probe: given, where: []};
    const {match} = given;
    return {
      at,
      probe: given.probe,
      where: this.list(given.where, `${at}/where`)
        .flatMap((each) => this.where(each.value, each.at))
        .map((each) => each.value),
      ...(match === undefined ? {} : {match: this.matched(match, `${at}/match`)}),
    };
  }

  private filter(given: PresetFile['filter']): Preset['filter'] {
    if (typeof given !== 'object' || given === null) return undefined;
    const parsed = Object.entries(given).flatMap(([name, text]) => {
      const expr = typeof text === 'string' ? this.parse(`/filter/${name}`, () => parseExpr(text)) : undefined;
      return expr === undefined ? [] : [[name, expr]];
    });
    return Object.fromEntries(parsed);
  }

  private where(text: unknown, at: string): readonly Located<Condition>[] {
    if (typeof text !== 'string') return [];
    return (this.parse(at, () => parseWhere(text)) ?? []).map((value) => ({at, value}));
  }

  private list<T>(given: T | readonly T[] | undefined, at: string): readonly Located<T>[] {
    if (given === undefined) return [];
    return Array.isArray(given) ? given.map((value: T, i) => ({at: `${at}/${i}`, value})) : [{at, value: given as T}];
  }

  private parse<T>(at: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ExprError)) throw error;
      this.faults.push({pointer: at, message: error.message, hint: error.hint});
      return undefined;
    }
  }
}
