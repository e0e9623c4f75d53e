// THE table of commands in README and docs/ that no test runs as they stand, since they want another machine, an engine, or
// change this one: why, and what of them is held all the same.
import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {readCommandLine} from '../../src/commands/line/command-line.ts';
import {commandsOf, type DocCommand} from './doc-commands.ts';
import {root} from './program.ts';

export interface Elsewhere {
  readonly like: RegExp;
  readonly reason: string;
  readonly holds: (command: DocCommand) => void;
}

const made = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
};
const sourceOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** What comes after the program's name is read by our own parser. @throws UserError */
export function readable(words: readonly string[]): void {
  const at = words.findIndex((word) => path.basename(word) === 'tsbpftop');
  assert.ok(at >= 0, words.join(' '));
  readCommandLine(words.slice(at + 1));
}

export const elsewhere: readonly Elsewhere[] = [
  {
    like: /^npm (start|test|run \S+)/,
    reason: 'they are the set-up and the tests themselves',
    holds: ({words: [, verb = '', name = '']}) => assert.ok(made.scripts[verb === 'run' ? name : verb] !== undefined),
  },
  {
    like: /^npm (pack|install)/,
    reason: 'test/package/npm.check.ts packs and installs, in a folder of its own',
    holds: ({words}) => {
      const check = sourceOf('test/package/npm.check.ts');
      for (const word of words.slice(1)) assert.ok(word === `./${made.name}-${made.version}.tgz` || check.includes(`'${word}'`), word);
    },
  },
  {
    like: /^scp /,
    reason: 'it wants a second machine; test/package/one-file.check.ts copies the file into clean roots',
    holds: ({words: [, file = '']}) => assert.ok(sourceOf('src/setup/single.mjs').includes(`/${path.basename(file)}`)),
  },
  {
    like: /^ssh -t \S+ /,
    reason: 'it wants a second machine; test/package/screen.check.ts does the same over an ssh of its own',
    holds: ({words}) => readable(words),
  },
  {
    like: /^sudo apt install /,
    reason: 'it changes the machine; test/package/one-file.check.ts installs it in clean roots',
    holds: ({words}) => assert.equal(words.at(-1), `./dist/package/${made.name}_${made.version}_amd64.deb`),
  },
  {
    like: /^docker run /,
    reason: 'it wants an engine: npm run test:engines; test/kernel/container.test.ts makes the same namespaces and cgroups by hand',
    holds: ({words}) => {
      readable(words.slice(words.indexOf('IMAGE')));
      const known = sourceOf('src/kernel/privilege.ts');
      for (const [i, word] of words.entries()) if (word === '--cap-add') assert.ok(known.includes(`CAP_${words[i + 1]}`), words[i + 1]);
    },
  },
  {
    like: /^sudo (cp|systemctl) /,
    reason: 'it changes the machine; test/kernel/serve.test.ts holds the unit’s capabilities',
    holds: ({words: [, verb, file = '']}) => assert.ok(verb !== 'cp' || existsSync(path.join(root, file)), file),
  },
  {
    like: /^tsbpftop .*--host /,
    reason: 'test/kernel/fleet-docs.test.ts runs them against SSH servers of its own',
    holds: ({line, words}) => {
      readable(words);
      assert.ok(
        commandsOf('docs/fleet.md').some((command) => command.line === line),
        `not in docs/fleet.md: ${line}`,
      );
    },
  },
  {
    like: /^tsbpftop map \/sys\/fs\/bpf\//,
    reason: 'it wants a map that somebody has pinned; test/kernel/own.test.ts pins one',
    holds: ({words}) => readable(words),
  },
];

export const elsewhereOf = ({line}: DocCommand): Elsewhere | undefined => elsewhere.find(({like}) => like.test(line));
