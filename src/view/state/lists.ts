// What keys mean wherever there is a list, and wherever a text is typed: how far they go, and what becomes of the text. Pure.
import type {Command} from '../hotkeys.ts';

/** Places that a key moves the selection by; undefined: it is no key of a list. */
export function stepOf(command: Command, page: number): number | undefined {
  switch (command) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'pageUp':
      return -page;
    case 'pageDown':
      return page;
    case 'first':
      return Number.NEGATIVE_INFINITY;
    case 'last':
      return Number.POSITIVE_INFINITY;
    default:
      return undefined;
  }
}

/** The text as a key makes it; undefined: it is no key of a text. */
export function edited(text: string, command: Command, key: string): string | undefined {
  switch (command) {
    case 'type':
      return text + (key === 'space' ? ' ' : key);
    case 'erase':
      return [...text].slice(0, -1).join('');
    case 'eraseAll':
      return '';
    default:
      return undefined;
  }
}
