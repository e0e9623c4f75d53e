// A view's frames as metrics: names and units by OpenMetrics' rules, in base units; rows as label sets. Owns the names.
import {bounds, slotCount} from '../decode/buckets.ts';
import type {Cell, Frame, MeasureColumn, Row, Unit, ViewShape} from '../decode/frame.ts';
import {type Exposed, ExposedRows, type ExposedRow} from './exposed-rows.ts';
import {canonical, labelNames, labelText, type MetricFamily, type MetricSample, scaled, wordOf} from './metric-text.ts';

/** Of a unit: the base unit, and by how many digits that is larger. */
const baseUnits: Readonly<Record<Unit, {readonly unit?: 'seconds' | 'bytes'; readonly digits: number}>> = {
  ns: {unit: 'seconds', digits: 9},
  us: {unit: 'seconds', digits: 6},
  ms: {unit: 'seconds', digits: 3},
  bytes: {unit: 'bytes', digits: 0},
  count: {digits: 0},
  none: {digits: 0},
};

/** Series of a log2 histogram have these ends alone, the same for all rows at all times: else they could not be added up. */
const firstTime = 256; // ns
const lastTime = 2 ** 36; // ns, 69 s
const lastSize = 2 ** 32;

/** Rows change places at most so often. ms */
const pause = 60_000;

export class ViewMetrics {
  readonly shape: ViewShape;
  private readonly rows: ExposedRows;
  private readonly anew: () => ExposedRows;
  private readonly ends: readonly End[];
  private readonly sumIndex: number | undefined;
  private readonly hidden: boolean;

  /**
   * @param most rows with series of their own
   * @param sum which measure is the sum of what the histogram counts; `added`: only for that, so that it is told nowhere else
   */
  constructor(shape: ViewShape, most: number, sum?: {readonly measure: number; readonly added: boolean}) {
    this.shape = shape;
    const names = labelNames(
      shape.keys.map((key) => key.name),
      ['le', 'other', 'job', 'instance'],
    );
    // a key is decoded once a session
    const known = new WeakMap<readonly Cell[], string>();
    const labelsOf = ({key}: Row): string => {
      const text = known.get(key) ?? labelText(names.map((name, i) => [name, textOf(key[i])]));
      known.set(key, text);
      return text;
    };
    this.anew = () => new ExposedRows(shape, labelsOf, most, pause);
    this.rows = this.anew();
    this.ends = endsOf(shape);
    this.sumIndex = sum?.measure;
    this.hidden = sum?.added === true;
  }

  get names(): readonly string[] {
    return [...this.shape.measures.map((measure) => measureName(this.shape, measure)), histName(this.shape)];
  }

  /** @param now ms of a clock that only grows */
  families(frame: Frame, now: number): readonly MetricFamily[] {
    const {shape} = this;
    const {rows, others} = shape.lasting === true ? this.lasting(frame.rows, now) : this.rows.update(frame.rows, now);
    const all = others === undefined ? rows : [...rows, {...others, labels: labelText([['other', String(others.number)]])}];
    const families = shape.measures.flatMap((measure, i): readonly MetricFamily[] => {
      const {unit, digits} = baseUnits[measure.unit];
      if (measure.op === 'avg' || (this.hidden && i === this.sumIndex)) return [];
      const grows = shape.lasting !== true && (measure.op === 'count' || measure.op === 'sum');
      return [
        {
          name: measureName(shape, measure),
          type: grows ? 'counter' : 'gauge',
          ...(unit === undefined ? {} : {unit}),
          help: helpOf(shape, measure),
          samples: all.map(({labels, counts}) => ({suffix: grows ? '_total' : '', labels, value: scaled(counts[i] ?? 0, digits)})),
        },
      ];
    });
    return shape.hist === undefined ? families : [...families, this.histogram(all)];
  }

  /** The greatest ones as they are now: what is over has no series any more. */
  private lasting(rows: readonly Row[], now: number): Exposed {
    const none = this.shape.measures.map(() => undefined);
    return this.anew().update(
      rows.map(({id, key, total, rate}) => ({id, key, total, delta: none, rate})),
      now,
    );
  }

  private histogram(rows: readonly ExposedRow[]): MetricFamily {
    const {unit, digits} = baseUnits[this.shape.hist?.unit ?? 'none'];
    return {
      name: histName(this.shape),
      type: 'histogram',
      ...(unit === undefined ? {} : {unit}),
      help: this.shape.title,
      samples: rows.flatMap(({labels, counts, slots}): readonly MetricSample[] => {
        const samples: MetricSample[] = [];
        const and = labels === '' ? '' : `${labels},`;
        let sum = 0;
        let slot = 0;
        for (const {last, text} of this.ends) {
          for (; slot <= last; slot++) sum += slots[slot] ?? 0;
          samples.push({suffix: '_bucket', labels: `${and}le="${text}"`, value: String(sum)});
        }
        if (this.sumIndex === undefined) return samples;
        // the two belong together: without a sum there is no count, and the last bucket has it
        return [
          ...samples,
          {suffix: '_count', labels, value: String(sum)},
          {suffix: '_sum', labels, value: scaled(counts[this.sumIndex] ?? 0, digits)},
        ];
      }),
    };
  }
}

interface End {
  /** The last slot below it. */
  readonly last: number;
  readonly text: string;
}

/** Whole numbers are counted, and an end belongs to its bucket: [1024, 2048) is what is at most 2047. */
function endsOf({hist}: ViewShape): readonly End[] {
  if (hist === undefined) return [];
  const {scale, unit} = hist;
  const {digits} = baseUnits[unit];
  const [first, last] = digits > 0 ? [firstTime / 10 ** (9 - digits), lastTime / 10 ** (9 - digits)] : [unit === 'bytes' ? 1 : 0, lastSize];
  const ends: End[] = [];
  const slots = slotCount(scale);
  for (let slot = 0; slot < slots; slot++) {
    const {high} = bounds(scale, slot);
    if (high === null || slot === slots - 1) continue;
    if ((scale.kind === 'log2' || scale.kind === 'powers') && (high < first || high > last)) continue;
    ends.push({last: slot, text: canonical(Number(scaled(typeof high === 'bigint' ? high - 1n : high - 1, digits)))});
  }
  return [...ends, {last: slots - 1, text: '+Inf'}];
}

const prefix = (shape: ViewShape): string => `tsbpftop_${wordOf(shape.name)}`;

const joined = (...parts: readonly (string | undefined)[]): string => parts.filter((part) => part !== undefined && part !== '').join('_');

function measureName(shape: ViewShape, {name, op, unit}: MeasureColumn): string {
  if (shape.lasting === true && op === 'count') return joined(prefix(shape), 'current');
  const base = baseUnits[unit].unit;
  if (op === 'count') return joined(prefix(shape), name === 'count' ? 'events' : wordOf(name));
  return joined(prefix(shape), name === 'sum' && base !== undefined ? '' : wordOf(name), base);
}

function histName(shape: ViewShape): string {
  const {unit} = baseUnits[shape.hist?.unit ?? 'none'];
  return joined(prefix(shape), unit === 'seconds' ? 'duration' : unit === 'bytes' ? 'size' : 'value', unit);
}

function helpOf({title, description, lasting}: ViewShape, {op, name}: MeasureColumn): string {
  const what = op === 'count' && name === 'count' ? (lasting === true ? 'how many there are' : 'events') : name;
  return `${title}: ${what}${description === '' ? '' : `. ${description}`}`;
}

const textOf = (cell: Cell | undefined): string => (cell === undefined ? '' : (cell.frames?.join(';') ?? String(cell.value)));
