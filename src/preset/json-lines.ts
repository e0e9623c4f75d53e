// Where in a JSON text a JSON pointer is. Owns positions only; schema.ts owns what may stand there.
import {shortened} from './fault.ts';
import {findNodeAtLocation, type Node, parseTree, type ParseError, printParseErrorCode} from 'jsonc-parser';

/** Line and column from 1. */
interface JsonError {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

interface JsonText {
  readonly value: unknown;
  readonly errors: readonly JsonError[];
  /** Line (from 1) of the member that a pointer names, or of its nearest parent. */
  lineOf(pointer: string): number;
}

/** Far beyond what a preset needs; parsers go down into each level by a call, and JSON of megabytes is none. */
const deepest = 64;
const longest = 1 << 20;

export function readJson(text: string): JsonText {
  const refused = tooMuch(text);
  if (refused !== undefined) return {value: undefined, errors: [refused], lineOf: () => refused.line};
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, {disallowComments: true, allowTrailingComma: false, allowEmptyContent: false});
  const lineAt = (offset: number): number => placeOf(text, offset).line;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const duplicates = tree === undefined ? [] : duplicateMembers(tree);
  return {
    value,
    errors: [
      // of several on one line the first is the cause
      ...errors
        .map((error) => ({...placeOf(text, error.offset), message: `not JSON: ${wordsOf(error)}`}))
        .filter((each, i, all) => all.findIndex(({line}) => line === each.line) === i),
      ...(value === undefined && errors.length === 0 ? [{line: 1, column: 1, message: 'not JSON'}] : []),
      ...duplicates.map((node) => ({
        ...placeOf(text, node.offset),
        message: shortened(`member '${String(node.value)}' stands here a second time`),
      })),
    ],
    lineOf(pointer) {
      const path = pointer
        .split('/')
        .slice(1)
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
      for (let length = path.length; length >= 0 && tree !== undefined; length--) {
        const node = nodeAt(tree, path.slice(0, length));
        if (node !== undefined) return lineAt(node.parent?.type === 'property' ? node.parent.offset : node.offset);
      }
      return 1;
    },
  };
}

/** Columns are units of UTF-16, as editors count them. */
const placeOf = (text: string, offset: number): {readonly line: number; readonly column: number} => ({
  line: text.slice(0, offset).split('\n').length,
  column: offset === 0 ? 1 : offset - text.lastIndexOf('\n', offset - 1),
});

function tooMuch(text: string): JsonError | undefined {
  if (text.length > longest) return {line: 1, column: 1, message: `${text.length} characters are no preset: at most ${longest}`};
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (quoted && c === '\\') at++;
    else if (c === '"' || (quoted && c === '\n')) quoted = c === '"' && !quoted;
    else if (!quoted && (c === '{' || c === '[')) depth++;
    else if (!quoted && (c === '}' || c === ']')) depth--;
    if (depth > deepest) return {...placeOf(text, at), message: `nested more than ${deepest} deep`};
  }
  return undefined;
}

function nodeAt(tree: Node, path: readonly string[]): Node | undefined {
  let node: Node | undefined = tree;
  for (const part of path) {
    if (node === undefined) return undefined;
    node = findNodeAtLocation(node, [node.type === 'array' ? Number(part) : part]);
  }
  return node;
}

function duplicateMembers(node: Node): readonly Node[] {
  const seen = new Set<string>();
  return (node.children ?? []).flatMap((child) => {
    const name = child.type === 'property' ? child.children?.[0] : undefined;
    const again = name !== undefined && seen.has(String(name.value));
    if (name !== undefined) seen.add(String(name.value));
    return [...(again && name !== undefined ? [name] : []), ...duplicateMembers(child)];
  });
}

/** 'PropertyNameExpected' → 'property name expected' */
const wordsOf = (error: ParseError): string =>
  printParseErrorCode(error.error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
