// The bundled presets: each is attached, or refused with the reason that `list` gives. And the program itself, once.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {findPresets} from '../../../src/commands/presets/find-presets.ts';
import {openView, whyNot} from '../../../src/commands/live/open-view.ts';
import {UserError} from '../../../src/errors.ts';
import {work} from './bench.ts';
import type {Check} from './checks.ts';
import type {Phase} from './protocol.ts';

const phases: readonly Phase[] = ['whole', 'no BTF'];
const {presets} = findPresets({given: [], variable: '', config: '/nonexistent', sudoUser: 0});

const bundled = presets.map(
  (preset): Check => ({
    rule: `preset ${preset.name}`,
    phases,
    async run(bench) {
      const around = preset.needsPid ? {...bench.around, filters: {pid: process.pid}} : bench.around;
      const predicted = whyNot(preset, around);
      try {
        const view = await openView(preset, around);
        await view.session.close();
        assert.equal(predicted, undefined, 'list said that it cannot run');
        const first = view.refused.length === 0 ? '' : `, by ${view.plan.shape.probes.join(', ')}`;
        return `attached${first}`;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        if (predicted === undefined) throw error;
        assert.equal(error.message, predicted.message);
        if (preset.instead !== undefined) {
          assert.ok(error.hint.includes(preset.instead), error.hint);
          const instead = presets.find(({name}) => name === preset.instead);
          assert.equal(instead && whyNot(instead, bench.around), undefined, 'what is named in its place runs');
        }
        return `refused: ${reasonOf(predicted)}`;
      }
    },
  }),
);

export const presetChecks: readonly Check[] = [
  ...bundled,
  {
    rule: 'the program, as a user runs it',
    phases: ['whole', 'no batch reads'],
    async run() {
      const child = spawn('/bin/node', ['--no-warnings', 'dist/cli.js', '--json', '-d', '60', 'openat', '--comm', 'wl-cli'], {cwd: '/app'});
      let [stdout, stderr] = ['', ''];
      child.stderr.on('data', (data) => (stderr += data));
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (data) => {
          stdout += data;
          if (stdout.includes('\n')) resolve();
        });
        child.on('close', () => resolve());
      });
      work('calls', 'wl-cli', 300);
      child.kill('SIGINT');
      const [status] = child.exitCode === null ? await once(child, 'close') : [child.exitCode];
      assert.equal(status, 0, stderr);
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        lines.at(-1).rows.map((row: {readonly total: unknown}) => row.total),
        [{count: 300}],
      );
    },
  },
  {
    rule: 'nothing is left in the kernel',
    phases: ['whole', 'lockdown=integrity'],
    async run() {
      work('calls', 'wl-none', 1);
      const events = execFileSync('/bin/cat', ['/sys/kernel/tracing/kprobe_events', '/sys/kernel/tracing/uprobe_events'], {
        encoding: 'utf8',
      });
      assert.equal(events, '', 'no probe event');
      assert.equal(execFileSync('/bin/cat', ['/sys/kernel/debug/kprobes/list'], {encoding: 'utf8'}), '', 'no kprobe');
    },
  },
];

/** Of several alternatives the first. */
function reasonOf({message, hint}: UserError): string {
  const text = message.includes('none of its alternatives') ? (hint.split('\n')[0] ?? '') : message;
  return text.replace(/view '[^']+':? /, '');
}
