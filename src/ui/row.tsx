// A line of the screen that Ink neither measures nor lays out anew: it stands for a text that never changes, in whose place
// the line is put when the frame is painted. The line is cropped already.
import {Transform} from 'ink';
import {memo} from 'react';

export const Row = memo(({text}: {readonly text: string}) => <Transform transform={() => text}>-</Transform>);
