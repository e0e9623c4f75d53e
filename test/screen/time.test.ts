// Time on the real screen: stepping back, the heat map, writing what is shown, and a recording gone through by keys.
import assert from 'node:assert/strict';
import {existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test, {type TestContext} from 'node:test';
import {noPrivilege, Program, temporaryFolder} from '../support/program.ts';
import {openTerm, type Term} from '../support/term.ts';
import {runToEnd, Workloads} from '../support/workloads.ts';

const skip = noPrivilege();
const workloads = new Workloads();

/** What the row of that name counted in all, by the screen. */
const totalOf = (term: Term, name: string): number | undefined => {
  const total = new RegExp(`${name} +[\\d.,]+[↑ ] +[\\d,]+ +([\\d,]+) `).exec(term.text())?.[1];
  return total === undefined ? undefined : Number(total.replaceAll(',', ''));
};

test('stepping back shows what was, pauses, and space is now again', {skip}, async () => {
  const calls = workloads.c('calls');
  const term = await openTerm(['-d', '0.2', '--comm', 'wl-step', 'openat']).until('no events yet');
  await runToEnd(calls, ['wl-step', '100']);
  await term.until((each) => totalOf(each, 'wl-step') === 100);
  await runToEnd(calls, ['wl-step', '11']);
  await term.until((each) => totalOf(each, 'wl-step') === 111);
  await term.press(',').until(/paused/);
  for (let presses = 0; totalOf(term, 'wl-step') !== 100 && presses < 100; presses++) {
    const before = term.text();
    await term.press(',').until((each) => each.text() !== before);
  }
  assert.match(term.text(), /paused −\d/, 'the moment is said');
  for (let presses = 0; totalOf(term, 'wl-step') !== 111 && presses < 100; presses++) {
    const before = term.text();
    await term.press('.').until((each) => each.text() !== before);
  }
  await term.press(' ').until('▸ 0.2s');
  assert.equal(totalOf(term, 'wl-step'), 111);
  await term.quit();
});

for (const [columns, lines] of [
  [80, 24],
  [200, 60],
] as const)
  test(`the heat map at ${columns}x${lines} has the known sleeps in their bucket, an axis and a legend`, {skip}, async () => {
    const sleeper = workloads.c('sleeper');
    const term = await openTerm(['-d', '0.2', '--comm', 'wl-heat', 'read-latency'], {columns, lines}).until('no events yet');
    await runToEnd(sleeper, ['wl-heat', '10', '20']);
    await term.until(/wl-heat .* 10 /);
    await term.press('m').until('values');
    // 20 ms and a little: between 2^24 and 2^25 ns
    await term.until(/ 17ms│.*[·░▒▓█]/);
    await term.until(/└−\d+(\.\d)? s .*\d\d:\d\d:\d\d/);
    assert.match(term.text(), /[·░▒▓█] 1\+? {2}/);
    await term.press('M').until(/all 1 row\b/);
    await term.press('m').until((each) => !each.text().includes('└'));
    term.press('q');
    await term.ended;
  });

test('the heat map needs neither colour nor more than ASCII', {skip}, async () => {
  const term = await openTerm(['-d', '0.2', '--ascii', '--no-color', 'read-latency'], {columns: 80, lines: 24}).until('events/s');
  await term.press('m').until(/us\|.*[.:+#@]|ms\|.*[.:+#@]|ns\|.*[.:+#@]/);
  await term.press('M').until(/ all \d+ rows/);
  await term.quit();
});

async function recording(context: TestContext): Promise<string> {
  const file = path.join(temporaryFolder(context), 'recording.ndjson');
  const program = new Program(['record', file, 'openat', 'read-latency', '-d', '0.2', '--comm', 'wl-replay']);
  await program.until((each) => each.stderr.includes('recording openat'));
  await runToEnd(workloads.c('calls'), ['wl-replay', '1000']);
  await runToEnd(workloads.c('sleeper'), ['wl-replay', '30', '20']);
  await program.stop();
  return file;
}

test('a recording plays on the same screen, with the same keys, and says what it is', {skip}, async (context) => {
  const file = await recording(context);
  const count = readFileSync(file, 'utf8').match(/"view":"openat","time":"[^"]*","seq"/g)?.length ?? 0;
  const term = await openTerm(['replay', file], {columns: 130}).until(/REPLAY 1× \d+\/\d+/);
  await term.press('+').until('REPLAY 2×');
  await term.press('+').until('REPLAY 4×');
  await term.press('-').until('REPLAY 2×');
  await term.until(`REPLAY paused ${count}/${count}`);
  assert.equal(totalOf(term, 'wl-replay'), 1000);
  await term.press(',').until(`REPLAY paused ${count - 1}/${count}`);
  await term.press('.').until(`REPLAY paused ${count}/${count}`);
  await term.press('2').until('read(2) latency');
  await term.until('█ interval');
  await term.press('m').until(/ 17ms│.*[·░▒▓█]/);
  await term.press('r').until('RATE/s ▴');
  await term.press('/').press('nothing').until("no row has 'nothing'");
  await term.press('\u001B').until((each) => !each.text().includes('no row has'));
  await term.press('e').until(/recorded +20\d\d-/);
  await term.press('\u001B').until('wl-replay');
  await term.press(' ').until(/REPLAY 2× \d+\//);
  await term.quit();
});

const formats: readonly (readonly [key: string, ending: string, content: RegExp])[] = [
  ['t', 'txt', /^ COMM +RATE\/s[\s\S]*wl-write +[\d,.]+[↑ ]*[\d,]+ +777 /m],
  ['c', 'csv', /^time,view,seq,interval,status,comm,count,count_delta,count_rate\r\n.*,wl-write,777,/m],
  ['j', 'json', /^\{"v":1,"view":"openat",.*\{"key":\{"comm":"wl-write"\},"total":\{"count":777\}/],
  ['s', 'svg', /^<svg [\s\S]*wl-write[\s\S]*<\/svg>\n$/],
];
for (const [key, ending, content] of formats)
  test(`w ${key} writes what is shown as ${ending}`, {skip}, async (context) => {
    const folder = temporaryFolder(context);
    const term = await openTerm(['-d', '0.2', '--comm', 'wl-write', 'openat']).until('no events yet');
    await runToEnd(workloads.c('calls'), ['wl-write', '777']);
    await term.until((each) => totalOf(each, 'wl-write') === 777);
    await term.press('w').until('write the screen as');
    await term.press(key).until(new RegExp(`to tsbpftop-openat-\\d{8}-\\d{6}\\.${ending}`));
    const file = path.join(folder, `screen.${ending}`);
    await term.press('\u0015').press(file).until(`to ${file}`);
    await term.press('\r').until(`wrote ${file}`);
    assert.match(readFileSync(file, 'utf8'), content);
    assert.equal(lstatSync(file).mode & 0o777, 0o600);
    term.press('q');
    await term.ended;
  });

test('w says why a file cannot be written, and goes on', {skip}, async (context) => {
  const folder = temporaryFolder(context);
  const [there, link] = [path.join(folder, 'there'), path.join(folder, 'link')];
  writeFileSync(there, 'precious');
  symlinkSync(path.join(folder, 'target'), link);
  const term = await openTerm(['-d', '0.2'], {columns: 140}).until('events/s');
  await term.press('wt').until('to tsbpftop-openat-');
  await term
    .press('\u0015')
    .press(there)
    .press('\r')
    .until(/cannot write '.*there': it exists/);
  await term
    .press('\u0015')
    .press(link)
    .press('\r')
    .until(/cannot write '.*link': it is a symbolic link/);
  await term
    .press('\u0015')
    .press('/proc/none/x')
    .press('\r')
    .until(/cannot write '\/proc\/none\/x': no such folder/);
  await term.press('\u001B').until('write the screen as'); // one step back
  await term.press('\u001B').until('pause');
  assert.equal(readFileSync(there, 'utf8'), 'precious');
  assert.ok(!existsSync(path.join(folder, 'target')));
  await term.quit();
});
