// What a message quotes may come from a preset of somebody else, a process or a file's name: nothing of it acts on the terminal.
// The only place where anything is written to stderr; a test holds that.
import {safeLines} from '../../decode/safe-text.ts';

export {safeLines};

/** A message on stderr, line by line. */
export const tell = (text: string): boolean => process.stderr.write(`${safeLines(`tsbpftop: ${text}`)}\n`);
