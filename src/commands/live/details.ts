// What `e` shows of an open view, and `check` of a loaded one: where it comes from, what is attached, what it costs to hold.
import {grouped} from '../../decode/grouped.ts';
import type {Plan} from '../../preset/plan.ts';
import type {OpenView} from './open-view.ts';
import {safeLines} from '../process/safe-lines.ts';

const mostPoints = 12;
const mostNames = 5;

export function viewDetails({preset, plan, session, refused}: OpenView): readonly (readonly [string, string])[] {
  const {maps} = plan.session;
  const points = plan.points.slice(0, mostPoints);
  return [
    ['asks', preset.description || preset.title],
    ['file', preset.file],
    ['attached', [...points, ...(plan.points.length > points.length ? [`… ${plan.points.length} in all`] : [])].join('\n')],
    ...leftOutLines(plan.leftOut).map((line) => ['left out', line] as const),
    ...refused.map(({probe, reason}) => ['not taken', `${probe}: ${reason}`] as const),
    [
      'programs',
      session
        .programs()
        .map((program) => `id ${program.id}, ${program.instructions} instructions`)
        .join('\n'),
    ],
    ['maps', maps.map((map) => `${map.name}: ${map.type}, ${map.maxEntries} x (${map.keySize} + ${map.valueSize}) bytes`).join('\n')],
    ['preset', preset.json.trimEnd()],
  ].map(([name = '', text = '']) => [name, safeLines(text)] as const);
}

/** One line a reason: how many functions, and the first of them. */
export function leftOutLines(leftOut: Plan['leftOut']): readonly string[] {
  return [...grouped(leftOut, ({reason}) => reason)].map(([reason, all]) => {
    const more = all.length > mostNames ? ` … (${all.length} in all)` : '';
    const names = all.slice(0, mostNames).map(({name}) => name);
    return `${names.join(', ')}${more}: ${reason}`;
  });
}
