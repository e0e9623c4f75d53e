// What a terminal's answers say of the line to it: how much is sent without one.
import assert from 'node:assert/strict';
import test from 'node:test';
import {keysOf, terminalAnswer} from '../../src/ui/keyboard.ts';
import {Pace} from '../../src/ui/pace.ts';

test('a terminal that never answers gets all that there is', () => {
  const pace = new Pace();
  pace.ask(0);
  for (let second = 1; second < 100; second++) {
    assert.ok(!pace.behind(second * 1000));
    pace.sends(5000, second * 1000);
  }
});

test('on a slow line each frame waits for the one before, on a fast one little is asked', () => {
  const pace = new Pace();
  pace.ask(0);
  pace.sends(9000, 10); // the first frame
  assert.ok(!pace.behind(20));
  assert.ok(pace.answered(50), 'what was sent since is asked for at once');
  assert.ok(pace.behind(60) === false, 'of a line that may be fast 2 kB are not waited for');
  assert.ok(!pace.answered(4500));
  assert.ok(pace.sends(300, 5000), 'a slow one is asked after each frame');
  assert.ok(pace.behind(5100));
  pace.answered(5200);
  assert.ok(!pace.behind(5201));
  assert.deepEqual(
    Array.from({length: 16}, (_, i) => {
      const asks = pace.sends(300, 6000 + i * 1000);
      if (asks) pace.answered(6001 + i * 1000);
      return asks;
    }).filter(Boolean).length,
    2,
    'and of 16 frames of a fast one, two',
  );
});

test('where nothing is taken any more a frame is sent in half a minute, and a key shows that it is not the line that is silent', () => {
  const pace = new Pace();
  pace.ask(0);
  pace.answered(1);
  let sent = 0;
  for (let second = 1; second < 300; second++)
    if (!pace.behind(second * 1000)) {
      pace.sends(400, second * 1000);
      sent += 400;
    }
  assert.ok(sent < 10_000, `${sent} bytes in five minutes`);
  assert.ok(pace.behind(300_000));
  pace.heard(301_000);
  assert.ok(!pace.behind(301_000));
});

test('what a terminal answers is nothing that was typed, in pieces and among keys', () => {
  assert.deepEqual(keysOf('j\u001B[0nk'), ['j', terminalAnswer, 'k']);
});
