// What a preset of any kind may hold: what it is called, how its rows are sorted and opened, and what bounds its probes.
import * as z from 'zod';

export const identity = () => ({
  $schema: z.string().optional().describe('this schema, for completion in an editor: a path from this file, or a URL'),
  name: z
    .string()
    .regex(
      /^(?!constructor$)[a-z0-9][a-z0-9._-]{0,47}$/,
      "lower case letters, digits, . _ and -, at most 48 (and not 'constructor', which every object has)",
    )
    .describe('what the view is called on the command line and in JSON'),
  title: z.string().min(1).max(80).optional().describe('heading of the view; default: its name and what it groups by'),
  group: z.string().min(1).max(20).optional().describe('under which it is listed: files, scheduler, network …; default other'),
  description: z.string().optional().describe('the question that this view answers'),
  words: z
    .array(z.string().min(1).max(60))
    .max(60)
    .optional()
    .describe('what else a search finds it by: symptoms, names of other tools, errors, beside its name, title, group and description'),
});

export const manner = () => ({
  sort: z.string().min(1).optional().describe("a column's name, with - in front for descending; default -rate"),
  drill: z
    .strictObject({
      to: z.string().describe('name of that view'),
      by: z.string().describe('the column of both views, by its name or expression'),
    })
    .optional()
    .describe('the view that Enter opens, filtered by this key'),
  maxProbes: z.int().min(1).max(100_000).optional().describe('default 1000'),
  warning: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('how this view can slow the machine: said in list, and asked about on the screen'),
  allowGoUretprobe: z.boolean().optional().describe('a uretprobe can crash a Go program: take the risk'),
});
