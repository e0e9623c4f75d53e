// What the tests of one program only note, and which of what they note is wanted: how `||`, `!` and counts of some events alone are
// decided. conditions.ts makes the tables. Pure.
import {WrongPreset} from '../fault.ts';

/** OUTCOMES of probe.h. */
export const outcomeBits = 6;

const all = (1n << BigInt(2 ** outcomeBits)) - 1n;

export class Outcomes {
  private noted = 0;
  private wanted = all;

  /** The number of a test that is to be noted, and refuses nothing. */
  bit(): number {
    if (this.noted >= outcomeBits) throw new WrongPreset(`more than ${outcomeBits} comparisons that '||', '!' or count(W) are about`);
    return this.noted++;
  }

  /** Only events whose outcomes are in this table too. False: there are none. */
  want(table: bigint): boolean {
    this.wanted &= table;
    return this.wanted !== 0n;
  }

  /** As in the configuration, where 0 is that nothing is decided. */
  get passes(): bigint {
    return this.wanted === all ? 0n : this.wanted;
  }
}
