// The presets that docs/presets.md shows: each fenced block is one, or has one a line.
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {root} from './program.ts';

export interface DocExample {
  readonly name: string;
  readonly text: string;
}

export function docExamples(): readonly DocExample[] {
  const page = readFileSync(path.join(root, 'docs/presets.md'), 'utf8');
  const blocks = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, block]) => block ?? '');
  const texts = blocks.flatMap((block) => (block.startsWith('{\n') ? [block] : block.trim().split('\n')));
  return texts.map((text) => ({name: (JSON.parse(text) as {name: string}).name, text}));
}
