// What a script of package.json may be given: --help says it, and anything else is refused before anything is done.
import {parseArgs} from 'node:util';

/** The flags by name, and all other words; ends the process where it was only asked, or asked for what there is not. */
export function given(usage, options = {}) {
  let read;
  try {
    read = parseArgs({options: {...options, help: {type: 'boolean', short: 'h'}}, allowPositionals: true});
  } catch (error) {
    // of Node's words the first sentence; the second is how to pass a file of such a name
    refuse(error.message.split(/\. |\n/)[0], usage);
  }
  if (read.values.help !== true) return {...read.values, words: read.positionals};
  process.stdout.write(`${usage.trim()}\n`);
  process.exit(0);
}

export function refuse(why, usage) {
  process.stderr.write(`tsbpftop: ${why}\n${usage.trim()}\n`);
  process.exit(2);
}
