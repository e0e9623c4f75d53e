// The texts and stacks of one configuration of the bundled program, in the order in which it reads them, and the constants that
// texts are compared with. Pure.
import {WrongPreset} from '../fault.ts';
import type {Value} from './encode.ts';
import {compareWords, type TextTest} from './step.ts';

/** struct string of native/bpf/probe.h, without what it is compared with. */
type TextOperation = {
  readonly text: string;
  readonly step: number;
  readonly add: number;
  readonly until: number;
  readonly key_offset: number;
  readonly size: number;
  readonly again?: boolean;
};

const constantWords = 8;

export class Texts {
  private readonly texts: (TextOperation & {readonly compares: number})[] = [];
  private readonly stacks: (TextOperation & {readonly compares: number})[] = [];
  readonly compares: Value[] = [];
  private readonly most: number;
  private readonly mostCompares: number;

  constructor(most: number, mostCompares: number) {
    this.most = most;
    this.mostCompares = mostCompares;
  }

  /** Stacks come last: nothing takes as long, and what fails a test is not to pay for it. */
  get all(): readonly (TextOperation & {readonly compares: number})[] {
    return [...this.texts, ...this.stacks];
  }

  add(operation: TextOperation, tests: readonly TextTest[]): void {
    this.requireRoom();
    this.texts.push({...operation, compares: this.bitsOf(tests)});
  }

  addStack(text: string, offset: number): void {
    this.requireRoom();
    this.stacks.push({text, step: 0, add: 0, until: 0, key_offset: offset, size: 8, compares: 0});
  }

  /** Adds the constants, and says which they are. */
  bitsOf(tests: readonly TextTest[]): number {
    let bits = 0;
    for (const test of tests) {
      if (this.compares.length >= this.mostCompares) throw new WrongPreset(`more than ${this.mostCompares} comparisons of texts`);
      bits |= 1 << this.compares.length;
      this.compares.push(compareWords(test, constantWords));
    }
    return bits;
  }

  private requireRoom(): void {
    if (this.texts.length + this.stacks.length >= this.most) throw new WrongPreset(`more than ${this.most} texts and stacks besides comm`);
  }
}
