// What a preset on a program of one's own may hold: `object` or `source`, its parameters, and which of its maps is shown
// how. schema.ts has the presets on the bundled program.
import * as z from 'zod';
import {formatNames} from '../../decode/formats.ts';
import {once} from '../../decode/once.ts';
import {units} from '../../decode/frame.ts';
import {identity, manner} from '../view-schema.ts';

function makeSchema() {
  const column = z.strictObject({
    field: z.string().min(1).describe("a member of the map's key or value: 'key.comm', 'key.nested.member', 'value.count', 'value'"),
    title: z.string().min(1).max(40).optional().describe('heading of the column, and in lower case its name in JSON'),
    format: z.enum(formatNames).optional().describe('how the value is shown; default by its type and name'),
    map: z.record(z.string(), z.string()).optional().describe('texts for values, for the format map: {"0": "read", "1": "write"}'),
    measure: z
      .union([z.boolean(), z.enum(['sum', 'avg', 'max', 'cpu'])])
      .optional()
      .describe('a number that counts: true or sum; avg: by the first measure; max: the greatest or latest; cpu: ns, as share of one CPU'),
    hist: z
      .enum(['log2', 'log2-zero', 'log2-signed', 'linear'])
      .optional()
      .describe(
        'slots of a histogram, in an array of the value or by a bucket in the key. log2: slot i counts [2^i, 2^(i+1)), the first also 0; ' +
          'log2-zero: the first is [0,1); log2-signed: the first is below zero, the second [0,1); linear: slots of one step',
      ),
    slots: z.int().min(2).max(1024).optional().describe('of a bucket in the key: how many; default 64'),
    min: z.int().optional().describe('linear: where the first slot begins; default 0'),
    step: z.int().min(1).optional().describe('linear: width of a slot; default 1'),
    unit: z.enum(units).optional().describe('of the number'),
  });

  const table = z.strictObject({
    map: z.string().min(1).optional().describe('the map that is shown; needed where the object has several'),
    from: z.enum(['bpf-programs']).optional().describe('in place of a map: the BPF programs of the whole machine'),
    columns: z.array(column).min(1).max(64).optional().describe('default: every member of key and value'),
  });

  return z.strictObject({
    ...identity(),
    object: z.string().min(1).optional().describe('your own eBPF object file, from the folder of this file'),
    source: z.string().min(1).optional().describe('your own eBPF source, compiled by the machine’s clang'),
    params: z
      .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
      .optional()
      .describe('values for global variables of the program, as a rule const volatile ones'),
    attach: z
      .record(z.string(), z.union([z.string().min(3), z.null()]))
      .optional()
      .describe('by the program’s name: a probe in place of what its section says, "auto" for what it says, null to leave it out'),
    table: table.optional().describe('which map is shown, and how; default: the only one, whole'),
    ...manner(),
    maxKeys: z.int().min(1).max(4_194_304).optional().describe('entries of the map; default: as the program says'),
  });
}

/** Made when it is first asked for: few runs need it. */
export const ownSchema = once(makeSchema);

export type OwnFile = z.infer<ReturnType<typeof makeSchema>>;
export type OwnColumn = NonNullable<NonNullable<OwnFile['table']>['columns']>[number];
