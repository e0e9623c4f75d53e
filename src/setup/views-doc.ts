// The table of all bundled views, and the README's short list: made of presets/, so that neither can be wrong.
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {costOf} from '../preset/cost.ts';
import {loadPreset} from '../preset/load.ts';
import type {Preset, ProbeChoice, Where} from '../preset/preset.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [begin, end] = ['<!-- views: npm run docs -->', '<!-- /views -->'];

/** Groups in the order of a reader's interest; others follow. */
const groups = ['files', 'system calls', 'functions', 'scheduler', 'memory', 'disks', 'network', 'processes', 'interrupts', 'programs'];

export function documents(): readonly {readonly file: string; readonly text: string}[] {
  const byGroup = grouped(bundled());
  const readme = path.join(root, 'README.md');
  const given = readFileSync(readme, 'utf8');
  const [at, to] = [given.indexOf(begin), given.indexOf(end)];
  if (at < 0 || to < at) throw new Error(`README.md has no ${begin} … ${end}`);
  return [
    {file: path.join(root, 'docs/views.md'), text: viewsPage(byGroup)},
    {file: readme, text: `${given.slice(0, at)}${begin}\n${shortList(byGroup)}${given.slice(to)}`},
  ];
}

function bundled(): readonly Preset[] {
  const folder = path.join(root, 'presets');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && file !== 'preset.schema.json')
    .map((file) => {
      const loaded = loadPreset(path.join(folder, file));
      if (!loaded.ok) throw new Error(`${file}: ${loaded.faults.map((fault) => fault.message).join('; ')}`);
      return loaded.preset;
    });
}

function grouped(presets: readonly Preset[]): readonly (readonly [group: string, presets: readonly Preset[]])[] {
  const names = [...new Set([...groups, ...presets.map((preset) => preset.group)])];
  return names
    .map((group) => [group, presets.filter((preset) => preset.group === group)] as const)
    .filter(([, members]) => members.length > 0);
}

type Groups = ReturnType<typeof grouped>;

const shortList = (all: Groups): string =>
  `| group | views |\n|---|---|\n${all
    .map(([group, presets]) => `| ${group} | ${presets.map((preset) => `\`${preset.name}\``).join(' ')} |\n`)
    .join('')}`;

function viewsPage(all: Groups): string {
  const count = all.reduce((sum, [, presets]) => sum + presets.length, 0);
  const sections = all.map(
    ([group, presets]) =>
      `## ${group[0]?.toUpperCase()}${group.slice(1)}\n\n| view | question it answers | probes | costs |\n|---|---|---|---|\n${presets.map(line).join('')}`,
  );
  return `# The bundled views

All ${count} of them, made from \`presets/\` by \`npm run docs\`. \`tsbpftop list\` says which of them this machine can run, and why not the
others. Costs are those of one event on x86-64; the header of each view shows what it really costs on yours. Of alternatives
(\`or\`) the first that the kernel can attach is taken.

${sections.join('\n')}`;
}

function line(preset: Preset): string {
  const notes = [preset.needsPid ? 'needs `-p PID`' : '', preset.warning ?? ''].filter((note) => note !== '').map(cell);
  const question = [cell(preset.description), ...notes].join('; ');
  return `| \`${preset.name}\` | ${question} | ${cell(probesOf(preset))} | ${costOf(preset)} |\n`;
}

function probesOf({own, probes, orSpan}: Preset): string {
  if (own !== undefined) return own.kind === 'programs' ? 'none: the kernel’s own statistics' : 'those of its own program';
  const text = (choices: readonly ProbeChoice[]): string =>
    choices
      .map((choice) => choice.alternatives.map((specs) => specs.map((spec) => `\`${spec.probe}\``).join(', ')).join(' or '))
      .join(', ');
  const where = (one: Where): string => (one.kind === 'pair' ? `${text(one.from)} to ${text(one.to)}` : text(one.probes));
  return orSpan === undefined ? where(probes) : `${where(probes)} or a span of ${where(orSpan)}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
