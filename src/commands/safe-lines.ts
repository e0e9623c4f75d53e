// What a message quotes may come from a preset of somebody else, a process or a file's name: nothing of it acts on the terminal.
import {safeString} from '../decode/safe-text.ts';

export const safeLines = (text: string): string => text.split('\n').map(safeString).join('\n');
