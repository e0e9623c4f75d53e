// Places in files where the kernel puts no probe: it does not take every instruction.
import {UserError} from '../../errors.ts';
import type {Session} from '../../native/contract.ts';
import type {Plan} from '../../preset/plan.ts';

/** Functions of a wildcard that the kernel puts no probe on are left out and told; one that was named is an error. */
export async function withoutRefused(plan: Plan, session: Session): Promise<Plan> {
  const refused = new Map(session.refused().map((each) => [`${each.path} ${each.offset}`, each.code]));
  if (refused.size === 0) return plan;
  const [out, left] = [true, false].map((is) => plan.places.filter((each) => refused.has(`${each.path} ${each.offset}`) === is));
  const named = out?.find((each) => each.byName) ?? (left?.length === 0 ? out?.[0] : undefined);
  const reason = 'the kernel cannot put a probe on its instruction';
  if (named !== undefined) {
    await session.close();
    const code = refused.get(`${named.path} ${named.offset}`) ?? '';
    throw new UserError(`cannot attach '${named.probe}': ${reason} (${code})`, {
      hint: 'uprobe:FILE:SYMBOL+OFFSET, at a later instruction of it, may do',
    });
  }
  const names = new Set(out?.map((each) => each.func));
  return {
    ...plan,
    points: plan.points.filter((probe) => !out?.some((each) => each.probe === probe)),
    leftOut: [...plan.leftOut, ...[...names].map((name) => ({name, reason}))],
  };
}
