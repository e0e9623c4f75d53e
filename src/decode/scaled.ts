// A number in the unit that suits its size: 1.05 ms, 4.00 KiB, 812.
import type {Count} from './frame.ts';

/** @param units the smallest first, each `step` of the one before */
export function scaled(value: Count, step: number, units: readonly string[]): string {
  let amount = Number(value);
  let unit = 0;
  // what would be rounded up to a whole step belongs to the next unit: 1.00 ms, not 1000 µs
  while (Math.abs(amount) >= (unit === 0 ? step : step - 0.5) && unit < units.length - 1) {
    amount /= step;
    unit++;
  }
  const digits = unit === 0 && Number.isInteger(amount) ? 0 : Math.abs(amount) < 9.995 ? 2 : Math.abs(amount) < 99.95 ? 1 : 0;
  const name = units[unit] ?? '';
  return name === '' ? amount.toFixed(digits) : `${amount.toFixed(digits)} ${name}`;
}
