// While a view is attached: told how far it is when it takes long, given up when it takes too long or somebody wants it.
import assert from 'node:assert/strict';
import test, {mock} from 'node:test';
import {Attaching, mostTime} from '../../src/commands/live/attaching.ts';

function withTime(work: (tick: (ms: number) => void) => void): void {
  mock.timers.enable({apis: ['setTimeout', 'setInterval']});
  try {
    work((ms) => mock.timers.tick(ms));
  } finally {
    mock.timers.reset();
  }
}

test('what is soon attached is not told', () => {
  withTime((tick) => {
    const told: number[] = [];
    const attaching = new Attaching({tell: (percent) => told.push(percent), most: 60_000});
    tick(1999);
    attaching.over();
    tick(100_000);
    assert.deepEqual([told, attaching.late, attaching.control[0]], [[], false, 0]);
  });
});

test('what takes long is told in per cent of what the addon has done', () => {
  withTime((tick) => {
    const told: number[] = [];
    const attaching = new Attaching({tell: (percent) => told.push(percent), most: 60_000});
    tick(2000);
    attaching.control.set([0, 150, 600]);
    tick(1000);
    attaching.control.set([0, 599, 600]);
    tick(1000);
    attaching.over();
    tick(1000);
    assert.deepEqual(told, [0, 25, 99]);
  });
});

test('what takes too long is given up, and says how far it came', () => {
  withTime((tick) => {
    const attaching = new Attaching({most: mostTime(1000)});
    attaching.control.set([0, 210, 600]);
    tick(59_999);
    assert.equal(attaching.control[0], 0);
    tick(1);
    assert.deepEqual([attaching.control[0], attaching.late], [1, true]);
    const {message} = attaching.tooLong('thousand', 600);
    assert.equal(message, "view 'thousand': 600 probes take too long: 35 % was done after 60 s");
    attaching.over();
  });
});

test('a preset that allows more probes has more time', () => {
  assert.deepEqual([1, 1000, 1001, 5000].map(mostTime), [60_000, 60_000, 120_000, 300_000]);
});

test('who gives up is heard at once, also before it begins', () => {
  withTime(() => {
    const stop = new AbortController();
    const attaching = new Attaching({signal: stop.signal, most: 60_000});
    assert.equal(attaching.control[0], 0);
    stop.abort();
    assert.deepEqual([attaching.control[0], attaching.late], [1, false]);
    attaching.over();
    const after = new Attaching({signal: stop.signal, most: 60_000});
    assert.equal(after.control[0], 1);
    after.over();
  });
});
