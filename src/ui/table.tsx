// ink-table, as help and detail use it: without a frame, texts already cut to the width.
import {Text} from 'ink';
import InkTable from 'ink-table';
import {createContext, createElement, type PropsWithChildren, useContext} from 'react';

type TableRow = Record<string, string>;

const Nothing = () => null;
type Painted = (text: string, column: number) => string;
const Painting = createContext<Painted | undefined>(undefined);
function Cell({children, column}: PropsWithChildren<{readonly column: number}>) {
  const painted = useContext(Painting);
  return <Text>{painted === undefined ? children : painted(String(children), column)}</Text>;
}
const Header = ({children}: PropsWithChildren) => <Text bold>{children}</Text>;

// its types are of React 17's; the bundle gives the component itself, Node the module
const Component = ((InkTable as unknown as {default?: unknown}).default ?? InkTable) as Parameters<typeof createElement>[0];

interface TableProps {
  readonly rows: readonly TableRow[];
  /** What a cell looks like, by its text and its column; without it, plain. */
  readonly painted?: Painted;
}

export const Table = ({rows, painted}: TableProps) => (
  <Painting.Provider value={painted}>
    {createElement(Component, {data: rows, padding: 1, skeleton: Nothing, cell: Cell, header: Header} as object)}
  </Painting.Provider>
);
