// Frames made by hand, for tests of what is pure.
import type {Frame, Row, ViewShape} from '../../src/decode/frame.ts';
import {noLoss} from '../../src/decode/losses.ts';

export const countShape: ViewShape = {
  name: 'openat',
  title: 'openat by comm',
  description: '',
  keys: [{name: 'comm', title: 'COMM', align: 'left'}],
  measures: [{name: 'count', title: 'COUNT', op: 'count', unit: 'count'}],
  sort: '-rate',
  probes: ['tracepoint:syscalls:sys_enter_openat'],
};

export const row = (comm: string, total: number, delta = 0): Row => ({
  id: comm,
  key: [{text: comm, value: comm}],
  total: [total],
  delta: [delta],
  rate: [delta],
});

export const frame = (rows: readonly Row[], overrides: Partial<Frame> = {}): Frame => ({
  view: 'openat',
  seq: 1,
  time: Date.UTC(2026, 10, 23, 10, 0, 1),
  interval: 1,
  status: 'exact',
  reasons: [],
  keys: {used: rows.length, max: 10_240},
  lost: noLoss,
  cost: {nsPerEvent: 182, events: 12_431, cpuPercent: 0.23},
  cut: false,
  sums: {
    rows: rows.length,
    total: rows.reduce((sum, {total}) => sum + Number(total[0] ?? 0), 0),
    delta: rows.reduce((sum, {delta}) => sum + Number(delta[0] ?? 0), 0),
  },
  rows,
  ...overrides,
});

/** Of a recording's header. */
export const origin = {
  version: '1.2.3',
  host: 'vm',
  kernel: '6.1',
  time: 1_700_000_000_000,
  interval: 0.5,
  preset: '{\n}',
  details: [['a', 'b']],
} as const;
