// Every command in docs/ is run: each line of a `sh` block, for no longer than its first refresh, against the real program. What
// this machine lacks may be refused; a wrong flag, view or preset may not.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {isCommand} from '../../src/commands/command-table.ts';
import {typedLine} from '../../src/commands/line-words.ts';
import {noPrivilege, root, temporaryFolder, tsbpftop} from '../support/program.ts';
import {opensFiles} from '../support/workloads.ts';

const skip = noPrivilege();
opensFiles();
const pages = readdirSync(path.join(root, 'docs')).filter((file) => file.endsWith('.md'));
const commandsOf = (page: string): readonly string[] =>
  [...readFileSync(path.join(root, 'docs', page), 'utf8').matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block]) => (block ?? '').split('\n'))
    .filter((line) => line.trim() !== '');
/** What only some machines have: the view says so, with status 1. */
const lacking =
  /cannot run here|no tracepoint|no kernel function|no static probe|no function|no file '|cannot attach|does not|not allowed|cannot work here/;

for (const page of pages.filter((each) => commandsOf(each).length > 0))
  test(`each command in docs/${page} is one that the program takes`, {skip, timeout: 280_000}, async (context) => {
    const folder = temporaryFolder(context);
    const sleeper = spawn('sleep', ['300']);
    context.after(() => sleeper.kill());
    const recording = path.join(folder, 'night.ndjson.gz');
    assert.equal((await tsbpftop(['record', recording, 'openat', 'read-latency', '-n', '0'])).status, 0);
    for (const line of commandsOf(page)) {
      const [program, ...words] = typedLine(`${line} `).words;
      assert.equal(program, 'tsbpftop', line);
      const given = words.map((word) =>
        word === '1234'
          ? String(sleeper.pid)
          : word === 'night.ndjson.gz'
            ? words[0] === 'record'
              ? path.join(folder, 'other.ndjson.gz')
              : recording
            : word,
      );
      const at = given.indexOf('-n');
      const counted = at < 0 ? given : given.toSpliced(at, 2);
      const text = given.some((word) => ['-b', '--json', '--csv', '--events'].includes(word)) ? [] : ['-b'];
      const args = !isCommand(given[0])
        ? [...counted, ...text, '-n', given.includes('--events') ? '1' : '0']
        : given[0] === 'record'
          ? [...counted, '-n', '0']
          : given[0] === 'replay'
            ? [...counted, ...text]
            : given;
      const {status, stderr} = await tsbpftop(args, {env: {XDG_CONFIG_HOME: folder}});
      assert.ok(status === 0 || (status === 1 && lacking.test(stderr)), `${line}\n${args.join(' ')}: status ${status}\n${stderr}`);
    }
  });
