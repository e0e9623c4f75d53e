// ink-table, as help, detail and `list` use it: without a frame, texts already cut to the width.
import {Text} from 'ink';
import InkTable from 'ink-table';
import {createElement, type PropsWithChildren} from 'react';

export type TableRow = Record<string, string>;

const Nothing = () => null;
const Cell = ({children}: PropsWithChildren) => <Text>{children}</Text>;
const Header = ({children}: PropsWithChildren) => <Text bold>{children}</Text>;

// its types are of React 17's; the bundle gives the component itself, Node the module
const Component = ((InkTable as unknown as {default?: unknown}).default ?? InkTable) as Parameters<typeof createElement>[0];

export const Table = ({rows}: {readonly rows: readonly TableRow[]}) =>
  createElement(Component, {data: rows, padding: 1, skeleton: Nothing, cell: Cell, header: Header} as object);
