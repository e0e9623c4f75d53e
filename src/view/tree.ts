// Stacks as a tree: callers above what they called, each with its share of all events. What is open, and the lines of it.
// Pure; built once a frame, drawn as far as is seen.
import type {Row, ViewShape} from '../decode/frame.ts';
import {fit, pad, widthOf} from './fit.ts';
import {paragraphs} from './lines.ts';
import type {Amount, ViewState} from './state/model.ts';
import {topFor} from './state/select.ts';
import {type Line, seg, type Style} from './styles.ts';
import {grouped, inRateColumn, rateText} from './units.ts';

export interface TreeNode {
  /** Names from the root to it: what it is known by from frame to frame. */
  readonly path: string;
  /** A function, or a chain of functions that call nothing but the next one; at the root the other columns of the key. */
  readonly names: readonly string[];
  readonly depth: number;
  readonly value: number;
  /** Of this function itself, and of nothing that it called. */
  readonly self: number;
  /** The greatest first. */
  readonly children: readonly TreeNode[];
}

/** Nodes of at least this share are open until somebody closes them. */
const openShare = 0.05;

/** Columns of the key that are stacks: of the user first, since the kernel's begin where they end. */
const stackColumns = ({keys}: ViewShape): readonly number[] =>
  ['ustack', 'kstack'].flatMap((format) => keys.flatMap((key, i) => (key.stack === format ? [i] : [])));

/** Of decode/stacks.ts: what is shown where the kernel found no frames. */
const noStack = '[no stack]';

interface Growing {
  value: number;
  self: number;
  readonly children: Map<string, Growing>;
}

const sprout = (): Growing => ({value: 0, self: 0, children: new Map()});
const trees = new WeakMap<readonly Row[], Map<Amount, readonly TreeNode[]>>();

/** The roots, the greatest first. */
export function treeOf({shape, rows, amount}: ViewState): readonly TreeNode[] {
  if (shape === undefined) return [];
  const cached = trees.get(rows) ?? new Map<Amount, readonly TreeNode[]>();
  trees.set(rows, cached);
  const found = cached.get(amount);
  if (found !== undefined) return found;
  const stacks = stackColumns(shape);
  const others = shape.keys.flatMap((_, i) => (stacks.includes(i) ? [] : [i]));
  const root = sprout();
  for (const row of rows) {
    const value = Number(row[amount][0] ?? 0);
    if (value === 0) continue;
    const name = others.map((i) => row.key[i]?.text ?? '').join('  ');
    const whole = stacks.flatMap((i) => [...(row.key[i]?.frames ?? [])].reverse());
    // in the kernel there is nothing to see of what ran outside of it, and the reverse
    const known = whole.filter((each) => each !== noStack);
    const frames = known.length > 0 ? known : whole.slice(0, 1);
    let at = root;
    for (const each of [...(others.length === 0 ? [] : [name]), ...frames]) {
      const next = at.children.get(each) ?? sprout();
      at.children.set(each, next);
      next.value += value;
      at = next;
    }
    at.self += value;
  }
  const grown = childrenOf(root, '', 0, others.length > 0);
  cached.set(amount, grown);
  return grown;
}

function childrenOf(of: Growing, path: string, depth: number, whole: boolean): readonly TreeNode[] {
  return [...of.children]
    .map(([name, growing]): TreeNode => {
      const names = [name];
      let at = growing;
      // who calls nothing but one function is one line with it; what the rows are grouped by stays apart
      while (!whole && at.self === 0 && at.children.size === 1) {
        for (const [only, child] of at.children) {
          names.push(only);
          at = child;
        }
      }
      const here = `${path}\n${names.join('\n')}`;
      return {path: here, names, depth, value: growing.value, self: at.self, children: childrenOf(at, here, depth + 1, false)};
    })
    .sort((a, b) => b.value - a.value || (a.path < b.path ? -1 : 1));
}

interface TreeLine {
  readonly node: TreeNode;
  readonly open: boolean;
}

/** The nodes that are seen when their ancestors are open, from the top. */
export function treeLines(view: ViewState): readonly TreeLine[] {
  const roots = treeOf(view);
  const all = roots.reduce((sum, {value}) => sum + value, 0);
  const lines: TreeLine[] = [];
  const walk = (nodes: readonly TreeNode[]): void => {
    for (const node of nodes) {
      const open = node.children.length > 0 && (view.tree.toggled[node.path] ?? node.value >= openShare * all);
      lines.push({node, open});
      if (open) walk(node.children);
    }
  };
  walk(roots);
  return lines;
}

const shareWidth = 6;
const valueWidth = 11;

/** @param lines lines for nodes, the heading not among them */
export function treeTable(view: ViewState, width: number, lines: number, ascii: boolean): readonly Line[] {
  const all = treeLines(view);
  const {selected} = view.tree;
  const top = topFor(view.tree.top, selected, all.length, lines);
  const sum = treeOf(view).reduce((total, {value}) => total + value, 0);
  const share = (value: number): string => (sum === 0 ? '' : ((value / sum) * 100).toFixed(1));
  const title = view.shape?.lasting === true ? 'NOW' : view.amount === 'rate' ? 'RATE/s' : view.amount.toUpperCase();
  const numbers = (percent: string, value: string, self: string): string =>
    ` ${pad(percent, shareWidth, 'right')} ${pad(value, valueWidth, 'right')} ${pad(self, shareWidth, 'right')}  `;
  const heading = `${numbers('%', title, 'SELF %')}FUNCTION, what it calls below it`;
  const rows = all.slice(top, top + lines).map(({node, open}, i): Line => {
    const chosen = top + i === selected;
    const target = {kind: 'row', index: top + i} as const;
    const style = (plain: Style): Style => (chosen ? 'selected' : plain);
    const value = view.amount === 'rate' ? inRateColumn(rateText(node.value)) : grouped(Math.round(node.value));
    const mark = node.children.length === 0 ? '  ' : open ? (ascii ? '- ' : '▾ ') : ascii ? '+ ' : '▸ ';
    const left = numbers(share(node.value), value, node.self === 0 ? '' : share(node.self));
    const room = Math.max(8, width - widthOf(left) - 2 * node.depth - 2);
    const label = chain(node.names, room, ascii);
    return [
      seg(chosen ? (ascii ? '>' : '▌') : ' ', chosen ? 'accent' : 'plain'),
      seg(left.slice(1), style(node.depth === 0 ? 'value' : 'plain')),
      seg(`${'  '.repeat(node.depth)}${mark}`, style('dim')),
      seg(fit(label, room), style(node.depth === 0 ? 'bold' : 'plain')),
    ].map((segment) => ({...segment, target}));
  });
  // what is drawn as a tree of rates has no line for chains to which nothing came
  const idle =
    rows.length > 0 ? [] : [[], ...paragraphs('nothing came in this interval: a shows what came in all, m the rows', 'dim', width)];
  return [[seg(fit(heading, width), 'heading')], ...rows, ...idle];
}

/** a › b › c; where that is too long the ends, which say most, and how many are between. */
function chain(names: readonly string[], room: number, ascii: boolean): string {
  const arrow = ascii ? ' > ' : ' › ';
  const whole = names.join(arrow);
  if (widthOf(whole) <= room || names.length < 3) return whole;
  for (let kept = names.length - 2; kept > 0; kept--) {
    const text = [names[0], `${ascii ? '...' : '…'}${names.length - 1 - kept} more`, ...names.slice(-kept)].join(arrow);
    if (widthOf(text) <= room) return text;
  }
  return names.at(-1) ?? '';
}
