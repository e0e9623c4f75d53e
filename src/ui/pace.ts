// How far the terminal is behind. A server's end of an ssh session takes megabytes that a slow line has still to carry, so that what is
// written says nothing of what is seen; the terminal itself does: it answers a question where it has come to it. While an answer is
// missing nothing more is sent, and the next frame is then the newest. A terminal that never answers gets all frames at once.

/** "How are you?", and what the terminal says to it; a VT100 knew both. */
export const question = '\u001B[5n';
export const answer = '[0n';

/** Bytes that may be on their way without a question behind them: of a fast line few are asked. */
const unaskedMost = 2048;
/** ms that an answer takes longer than the fastest one, from which on each frame waits for the one before. */
const slowFrom = 250;
/** ms after which a frame is sent without an answer: the line stands still, and no more than this queues in it. */
const patience = 30_000;
/** ms without an answer after which a key shows that the line does not stand still: another terminal is there, which gives none. */
const unanswered = 10_000;

export class Pace {
  private asked: number | undefined;
  private answers = false;
  private slow = false;
  /** ms of the fastest answer: the way there and back. */
  private fastest = Number.POSITIVE_INFINITY;
  private unasked = 0;

  /** An answer is missing, from a terminal that gives them. */
  waiting(now: number): boolean {
    return this.answers && this.open(now);
  }

  /** A question is out, and not given up. */
  private open(now: number): boolean {
    return this.asked !== undefined && now - this.asked < patience;
  }

  /** A frame more would have to queue. */
  behind(now: number): boolean {
    return this.waiting(now) && (this.slow || this.unasked >= unaskedMost);
  }

  /** @returns whether to ask after these bytes */
  sends(bytes: number, now: number): boolean {
    this.unasked += bytes;
    const open = this.open(now);
    if (this.asked !== undefined && !open) this.slow = true;
    if (open || !(this.slow || this.unasked >= unaskedMost)) return false;
    this.ask(now);
    return true;
  }

  ask(now: number): void {
    this.asked = now;
    this.unasked = 0;
  }

  /** @returns whether to ask again at once: much was sent since */
  answered(now: number): boolean {
    if (this.asked === undefined) return false;
    const took = now - this.asked;
    this.fastest = Math.min(this.fastest, took);
    this.slow = took - this.fastest > slowFrom;
    this.answers = true;
    this.asked = undefined;
    const owing = this.unasked >= unaskedMost;
    if (owing) this.ask(now);
    return owing;
  }

  /** A key has come. */
  heard(now: number): void {
    if (this.asked !== undefined && now - this.asked > unanswered) this.forget();
  }

  /** Another terminal may be there now. */
  forget(): void {
    this.asked = undefined;
    this.answers = false;
    this.slow = false;
  }
}
