// What a preset file may hold: the one definition, from which validation, types and the editor's JSON Schema come.
// Shapes and allowed words only; expressions are parsed by load.ts, names are looked up by resolve.ts.
import * as z from 'zod';
import {formatNames} from '../decode/formats.ts';
import {once} from '../decode/once.ts';
import {ownSchema} from './own/own-schema.ts';
import {units} from '../decode/frame.ts';
import {identity, manner} from './view-schema.ts';

function makeSchema() {
  const probeText = z
    .string()
    .min(3)
    .describe("a probe, such as 'tracepoint:syscalls:sys_enter_openat', 'uprobe:libc:fopen' or 'syscall:read'");
  const expression = z.string().min(1).describe("a field expression, such as 'comm', 'args.filename', 'i32(arg1)' or 'str(arg0)'");
  const whereText = z.string().min(3).describe("comparisons joined by && and ||, such as 'args.ret < 0 && pid != self'");
  const where = z.union([whereText, z.array(whereText).min(1)]);
  const pairOf = z.tuple([expression, expression]);

  const point = z.strictObject({
    probe: probeText,
    where: where.optional().describe('this point alone counts only events that pass'),
    match: z.union([expression, pairOf]).optional().describe('what pairs this point with the other end of the span'),
  });
  const probe = z.union([probeText, point]);
  const firstOf = z.strictObject({
    firstOf: z
      .array(z.union([probe, z.array(probe).min(1)]))
      .min(1)
      .describe('the first that this machine can attach; a list in it is attached as one'),
  });
  const choice = z.union([probeText, firstOf, point]);
  const choices = z.union([choice, z.array(choice).min(1)]);

  const match = z.union([expression, pairOf, z.strictObject({from: expression, to: expression})]).optional();

  const measureText = z
    .string()
    .min(3)
    .describe("a measure, such as 'count', 'sum(args.count)', 'hist(duration)' or 'count(args.ret < 0)'");
  const measure = z.union([
    measureText,
    z.strictObject({
      measure: measureText,
      title: z.string().min(1).max(40).optional().describe('heading of the column, and in lower case its name in JSON'),
    }),
  ]);

  const by = z.union([
    expression,
    z.strictObject({
      field: expression,
      title: z.string().min(1).max(40).optional().describe('heading of the column, and in lower case its name in JSON'),
      format: z
        .union([z.enum(formatNames), z.templateLiteral(['enum:', z.string().regex(/^[A-Za-z_]\w*$/)])])
        .optional()
        .describe('how the value is shown, default by its type and name; enum:NAME by the names of an enum of the kernel'),
      map: z.record(z.string(), z.string()).optional().describe('texts for values, for the format map: {"0": "read", "1": "write"}'),
    }),
  ]);

  const span = z.union([
    probeText,
    firstOf,
    z.strictObject({
      from: choices.describe('where the time begins'),
      to: choices.describe('where it ends'),
      match: match.describe('what pairs the two ends; default tid. Of a list of two, both do, by their lower 32 bits'),
    }),
    z.array(z.union([probeText, firstOf])).min(1),
  ]);

  return z.strictObject({
    ...identity(),
    attach: choices.optional().describe('count at these points'),
    span: span.optional().describe('measure from entry to return of a call, or between two points'),
    orSpan: span.optional().describe('the span that answers where nothing of "attach" can be attached'),
    until: z
      .union([
        choices,
        z.strictObject({
          to: choices.describe('what ends it'),
          match: match.describe('what an event and its end have in common; default tid'),
        }),
      ])
      .optional()
      .describe('show what lasts now: each event from when it came until one of these, with the same match value'),
    where: where.optional().describe('count only events that pass, decided in the kernel'),
    filter: z
      .strictObject({pid: expression.optional(), comm: expression.optional(), cgroup: expression.optional()})
      .optional()
      .describe('what -p, --comm and --cgroup are compared with, where that is not the current task; {}: the view is about no task'),
    by: z.array(by).max(4).optional().describe('group by these, at most 4'),
    measure: z
      .union([measure, z.array(measure).min(1)])
      .optional()
      .describe('count, count(W), sum(E), min(E), max(E), avg(E), hist(E), lhist(E, MIN, MAX, STEP)'),
    unit: z.enum(units).optional().describe('of the measured expression'),
    ...manner(),
    maxKeys: z.int().min(1).max(4_194_304).optional().describe('rows that the map holds; default 10240'),
    maxStacks: z.int().min(1).max(1_048_576).optional().describe('different stacks that kstack and ustack can tell apart; default 16384'),
    map: z
      .enum(['hash', 'percpu', 'lru'])
      .optional()
      .describe('kind of map; default chosen. lru forgets the oldest rows when it is full: approximate'),
    instead: z.string().optional().describe('name of a view that answers a part of it, told where this one cannot run'),
    needsPid: z.boolean().optional().describe('the view is about one process: it runs with -p PID only'),
    allowCppUretprobe: z
      .boolean()
      .optional()
      .describe('an exception that passes a function whose return is probed ends the program: take the risk'),
  });
}

/** Made when a preset is first checked: those that came with the program were checked when it was built. */
export const presetSchema = once(makeSchema);

export type PresetFile = z.infer<ReturnType<typeof makeSchema>>;

/** The JSON Schema that gives completion in an editor; presets/preset.schema.json is this, and a test says when it is stale. */
export const jsonSchema = (): string =>
  `${JSON.stringify({title: 'tsbpftop preset', ...z.toJSONSchema(z.union([presetSchema(), ownSchema()]))}, null, 2)}\n`;
