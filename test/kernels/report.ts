// docs/kernels.md, of what the runs said: which probe runs on which kernel, and how. It has a part for each architecture, since
// their kernels are not run together. Pure.
import type {Boot} from './boot.ts';
import type {Phase, Result} from './guest/protocol.ts';
import type {Architecture} from './targets.ts';

const phases: Readonly<Record<Phase, string>> = {
  whole: '',
  'no batch reads': 'Without batch operations on maps',
  'no BTF': 'Without BTF (kernels built without CONFIG_DEBUG_INFO_BTF)',
  'lockdown=integrity': 'With lockdown=integrity (as under Secure Boot)',
  'lockdown=confidentiality': 'With lockdown=confidentiality',
};

const titles: Readonly<Record<Architecture, string>> = {x64: '# What runs on which kernel', arm64: '# The same on arm64'};

const openings: Readonly<Record<Architecture, string>> = {
  x64: `Written by \`npm run test:kernels\`, which boots Debian's kernels under QEMU and runs these checks inside: workloads of known
numbers are counted, and *exact* says that the view's numbers were those. What is refused is refused with that reason, which
\`tsbpftop list\` gives before. These kernels are for x86-64, those for arm64 are below. No kernel here has hardware counters: QEMU
emulates none for x86-64.`,
  arm64: `Written by \`npm run test:kernels -- arm64\`, which takes long and is no part of continuous integration. The addon and the
BPF program are those of the npm package. The emulated machine has counters of cycles and instructions, so that hardware events
are counted here.`,
};

/** The file with one part made anew. */
export function renewed(file: string, architecture: Architecture, part: string): string {
  const at = file.indexOf(titles.arm64);
  const parts = {x64: at < 0 ? file : file.slice(0, at), arm64: at < 0 ? '' : file.slice(at), [architecture]: part};
  return [parts.x64, parts.arm64]
    .filter((each) => each !== '')
    .map((each) => `${each.trimEnd()}\n`)
    .join('\n');
}

export function report(architecture: Architecture, boots: readonly Boot[]): string {
  const cell = (boot: Boot, phase: Phase, rule: string): string => {
    const result = boot.results.find((each) => each.phase === phase && each.rule === rule);
    return result === undefined ? '' : outcome(result);
  };
  const rules = (phase: Phase, wanted: (rule: string) => boolean): readonly string[] => [
    ...new Set(boots.flatMap((boot) => boot.results.filter((each) => each.phase === phase && wanted(each.rule)).map((each) => each.rule))),
  ];
  const table = (phase: Phase, names: readonly string[], what: string): string => {
    const head = [what, ...boots.map((boot) => boot.kernel.name)];
    const rows = names.map((rule) => [rule.replace(/^preset /, ''), ...boots.map((boot) => cell(boot, phase, rule))]);
    return [head, head.map(() => '---'), ...rows]
      .map((row) => `| ${row.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`)
      .join('\n');
  };
  const isPreset = (rule: string): boolean => rule.startsWith('preset ');
  const sections = [
    `${titles[architecture]}

${openings[architecture]}

${boots.map((boot) => `- ${boot.kernel.name}: Debian's ${boot.release}`).join('\n')}`,
    `## Probe types and measures\n\n${table(
      'whole',
      rules('whole', (rule) => !isPreset(rule)),
      'check',
    )}`,
    `## Bundled presets\n\n${table('whole', rules('whole', isPreset), 'preset')}`,
    ...(Object.keys(phases) as Phase[]).flatMap((phase) => {
      const names = phase === 'whole' ? [] : rules(phase, () => true);
      if (names.length === 0) return [];
      const other = names.filter((rule) => boots.some((boot) => cell(boot, phase, rule) !== cell(boot, 'whole', rule)));
      const same = `${names.length - other.length} of ${names.length} checks as above${other.length === 0 ? '.' : '; the others:'}`;
      return [`## ${phases[phase]}\n\n${same}${other.length === 0 ? '' : `\n\n${table(phase, other, 'check')}`}`];
    }),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Times differ from run to run, and are not told. */
function outcome({outcome, says}: Result): string {
  if (outcome === 'failed') return '**fails**';
  const text = says.replace(/\d+(\.\d+)? ms/g, 'n ms').split('\n')[0] ?? '';
  return outcome === 'skipped' ? `not checked: ${text}` : text;
}
