// `tsbpftop completions SHELL`: the script that a shell loads; `completions line LINE`: what that script asks at each Tab. It has to
// answer at once, so it loads no more than the answer needs: no schema for the names of views, no addon unless a probe is typed.
import {readdirSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {safeString} from '../decode/safe-text.ts';
import {UserError} from '../errors.ts';
import {cgroupRoot} from '../kernel/cgroups.ts';
import {runningProcesses} from '../kernel/running.ts';
import {groupFields} from '../preset/fields.ts';
import {type Candidate, wantedAt} from './line/complete.ts';
import {type Shell, shells, shellScript} from './line/completion-scripts.ts';
import type {Completes} from './line/flags.ts';
import type {Invocation} from './invocation.ts';
import {placedFiles} from './presets/preset-files.ts';

export async function completionsCommand(invocation: Invocation): Promise<number> {
  const [what, line] = invocation.words;
  if (what === 'line') {
    process.stdout.write(await answer(line ?? '', invocation));
    return 0;
  }
  if (!isShell(what))
    throw new UserError(what === undefined ? 'completions wants the name of a shell' : `no completions for '${what}'`, {
      hint: `one of ${shells.join(', ')}`,
      status: 2,
    });
  process.stdout.write(shellScript(what));
  return 0;
}

const isShell = (word: string | undefined): word is Shell => (shells as readonly (string | undefined)[]).includes(word);

/** Its first line is 'files' where the shell's own files are wanted, else 'words'; then a word a line, a tab, and what it is. */
async function answer(line: string, invocation: Invocation): Promise<string> {
  const wanted = wantedAt(line);
  if (wanted.kind === 'flags') return written(wanted.words);
  if (wanted.of.includes('file')) return 'files\n';
  const {text, before} = wanted;
  const places = {...invocation, places: {...invocation.places, given: [...invocation.places.given, ...wanted.presets]}};
  const found = [...wanted.commands];
  for (const kind of wanted.of) found.push(...(await candidates(kind, text, places)));
  return written(
    found.filter(({word}) => word.startsWith(text) || text.includes('*')).map((each) => ({...each, word: `${before}${each.word}`})),
  );
}

/** A line each: what would break the lines, or act on the terminal, is not offered. */
const written = (all: readonly Candidate[]): string =>
  `words\n${all
    .filter(({word}) => safeString(word) === word)
    .map(({word, says}) => `${word}\t${safeString(says)}\n`)
    .join('')}`;

async function candidates(kind: Completes, text: string, invocation: Invocation): Promise<readonly Candidate[]> {
  switch (kind) {
    case 'view':
      return views(invocation);
    case 'probe':
      return probes(text, invocation);
    case 'presets':
      return files(text, (name) => name.endsWith('.json'));
    case 'pid':
      return runningProcesses().map(({pid, comm}) => ({word: pid, says: comm}));
    case 'comm':
      return [...new Set(runningProcesses().map(({comm}) => comm))].sort().map((word) => ({word, says: ''}));
    case 'cgroup': {
      const root = cgroupRoot();
      const whole = text.startsWith('/sys/');
      return files(whole ? text : `${root}/${text.replace(/^\//, '')}`, () => false).map(({word, says}) => ({
        word: whole ? word : word.slice(root.length + (text.startsWith('/') ? 0 : 1)),
        says,
      }));
    }
    case 'field':
      return fields(text);
    case 'file':
      return [];
    default:
      return kind.map((word) => ({word, says: ''}));
  }
}

/** Names and descriptions as they stand in the files; whether they are right is said when they are used. */
function views({places}: Invocation): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const file of trustedFiles(places)) {
    try {
      const {name, description} = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
      if (typeof name === 'string' && !found.has(name))
        found.set(name, {word: name, says: typeof description === 'string' ? description : ''});
    } catch {
      // tsbpftop list tells what is wrong with it
    }
  }
  return [...found.values()].sort((a, b) => (a.word < b.word ? -1 : 1));
}

/** What is refused when it is used is not offered; the bundled ones are. */
function trustedFiles(places: Invocation['places']): readonly string[] {
  try {
    return placedFiles(places);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return placedFiles({...places, given: [], variable: '', config: '/nowhere'});
  }
}

async function probes(text: string, invocation: Invocation): Promise<readonly Candidate[]> {
  const [{probeWords}, {surroundings}] = await Promise.all([import('../preset/points/complete-probe.ts'), import('./invocation.ts')]);
  // of alternatives, 'fentry:f|kprobe:f', the last is being typed
  const front = text.slice(0, text.lastIndexOf('|') + 1);
  const typed = text.slice(front.length);
  try {
    const {words, fileAfter} = probeWords(typed, () => surroundings(invocation).machine);
    const paths = fileAfter === undefined ? [] : files(typed.slice(fileAfter.length), isElf);
    return [...words, ...paths.map(({word, says}) => ({word: `${fileAfter}${word}${word.endsWith('/') ? '' : ':'}`, says}))].map(
      ({word, says}) => ({word: `${front}${word}`, says}),
    );
  } catch {
    return []; // no such file, no addon: the command itself says it
  }
}

/** What can be grouped by anywhere; after the last comma. */
function fields(text: string): readonly Candidate[] {
  const front = text.slice(0, text.lastIndexOf(',') + 1);
  return groupFields.map(([name, says]) => ({word: `${front}${name}`, says}));
}

/** Entries of the folder that is being typed: folders, and the files wanted. */
function files(typed: string, wanted: (name: string, file: string) => boolean): readonly Candidate[] {
  const front = typed.slice(0, typed.lastIndexOf('/') + 1);
  const [folder, part] = [front === '' ? '.' : front, typed.slice(front.length)];
  try {
    return readdirSync(folder, {withFileTypes: true})
      .filter(({name}) => name.startsWith(part) && (part.startsWith('.') || !name.startsWith('.')))
      .flatMap((entry): readonly Candidate[] => {
        const file = path.join(folder, entry.name);
        if (isFolder(file)) return [{word: `${front}${entry.name}/`, says: ''}];
        return wanted(entry.name, file) ? [{word: `${front}${entry.name}`, says: ''}] : [];
      });
  } catch {
    return [];
  }
}

const isFolder = (file: string): boolean => statSync(file, {throwIfNoEntry: false})?.isDirectory() ?? false;

/** By name and mode: to look into each of a folder's files takes too long. */
const isElf = (name: string, file: string): boolean =>
  /\.so(\.|$)/.test(name) || ((statSync(file, {throwIfNoEntry: false})?.mode ?? 0) & 0o111) !== 0;
