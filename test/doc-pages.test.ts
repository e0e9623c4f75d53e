// README and docs/ as a reader finds them: every command is run by a test or is known to be one that cannot be, every flag that
// is named is one, every link leads somewhere, and the index has every page.
import assert from 'node:assert/strict';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {commandNames, commands} from '../src/commands/command-table.ts';
import {flagNames, flagTable, spelled} from '../src/commands/line/flags.ts';
import {elsewhere, elsewhereOf, readable} from './support/commands-elsewhere.ts';
import {blocksOf, commandsOf, docCommand, docPages, pageText} from './support/doc-commands.ts';
import {root} from './support/program.ts';

const inHelp = commandNames.flatMap((name) => commands[name].examples.map(([call]) => docCommand(call)));
const shown = [...docPages.flatMap(commandsOf), ...inHelp];

test('every block has a language: what is a command is told from what is not', () => {
  for (const page of docPages)
    for (const [language, text] of blocksOf(page)) assert.ok(['sh', 'json', 'yaml'].includes(language), `${page}: '${language}'\n${text}`);
});

test('every command is ours, or is in the table of those that are not run as they stand', () => {
  assert.ok(shown.length > 100);
  for (const command of shown) if (elsewhereOf(command) === undefined) assert.equal(command.words[0], 'tsbpftop', command.line);
});

for (const {like, reason, holds} of elsewhere)
  test(`${like.source} is not run, since ${reason}; what can be is held`, () => {
    const those = shown.filter(({line}) => like.test(line));
    assert.ok(those.length > 0, 'no page has it any more');
    for (const command of those) holds(command);
  });

test('every command line in the text is one that the program takes', () => {
  for (const page of docPages)
    for (const [, code = ''] of pageText(page)
      .replaceAll(/^```\w*\n.*?^```$/gms, '')
      .matchAll(/`(tsbpftop [^`]+)`/g))
      assert.doesNotThrow(() => readable(docCommand(code.replaceAll(/\b(PID|N|SECONDS)\b/g, '1')).words), `${page}: ${code}`);
});

test('every flag of ours that the text names is one', () => {
  const ours = new Set(flagNames.flatMap((name) => [spelled(name), `--${spelled(name).replace(/^--(no-)?/, '')}`]));
  for (const name of flagNames) if (flagTable[name].negated === true) ours.add(spelled(name));
  // of programs that the pages speak of
  const others = [
    '--ignore-scripts',
    '--global',
    '--pid',
    '--cgroupns',
    '--privileged',
    '--cap-add',
    '--security-opt',
    '--only',
    '--count',
    '--seed',
    '--quick',
    '--write',
    '--list',
    '--minutes',
    '--interval',
    '--every',
    '--as-made',
    '--now',
    '--rm',
  ];
  for (const page of docPages)
    for (const [flag] of pageText(page).matchAll(/(?<![\w-])--[a-z][a-z-]+/g))
      assert.ok(ours.has(flag) || others.includes(flag), `${page}: ${flag}`);
});

test('every link to a file leads to one, and to a heading that is there', () => {
  const anchors = (page: string): readonly string[] =>
    [...pageText(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
  for (const page of docPages)
    for (const [, to = ''] of pageText(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(to)) continue;
      const [file = '', anchor] = to.split('#');
      const place = path.join(path.dirname(page), file === '' ? path.basename(page) : file);
      if (place === 'docs/benchmarks.md') continue; // has a test of its own
      assert.ok(existsSync(path.join(root, place)), `${page}: ${to}`);
      if (anchor !== undefined) assert.ok(anchors(place).includes(anchor), `${page}: ${to}`);
    }
});

test('the index of docs/ has every page', () => {
  const index = pageText('docs/README.md');
  for (const page of docPages) if (/^docs\/(?!README)/.test(page)) assert.ok(index.includes(`](${path.basename(page)})`), page);
});

test('each row of figures that docs/comparison.md names is one that npm run bench measures, and is in docs/benchmarks.md once it was', () => {
  const [, part = ''] = /^## How fast$(.*?)^## /ms.exec(pageText('docs/comparison.md')) ?? [];
  const rows = [...part.matchAll(/^\| .*$/gm)].flatMap(([line]) =>
    [...(line.split(' | ')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, row = '']) => row),
  );
  assert.ok(rows.length > 8);
  const folder = path.join(root, 'test/bench/cases');
  const measured = readdirSync(folder)
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n');
  const written = docPages.includes('docs/benchmarks.md') ? pageText('docs/benchmarks.md') : undefined;
  for (const row of rows) {
    assert.match(measured, new RegExp(`what: ['\`]${row}\\b`), row);
    if (written !== undefined) assert.match(written, new RegExp(`^\\| \\w+ \\| ${row}`, 'm'), row);
  }
});
