// The number that `func` is in a key: which point an event is of. Points of one program are told apart by their attach cookies; before
// Linux 5.15 there are none, and kprobes are told apart by the address that the registers hold, so that hundreds share a program
// there too. Pure.
import type {Architecture, Machine} from '../machine.ts';
import type {PlannedPoint, Unnumbered} from './planned-points.ts';

/** How a program knows it: by cookie or register, or it is of one point alone. */
export type FuncSource = 'cookie' | 'address' | 'constant';

/** The word of the registers with the address, and what that is of a kprobe's: on x86-64 the breakpoint has run. */
export const addressRegister: Readonly<Record<Architecture, {readonly word: number; readonly ahead: bigint}>> = {
  x64: {word: 16, ahead: 1n},
  arm64: {word: 32, ahead: 0n},
};

/** What the registers hold at the point; undefined: they do not tell, as at returns. */
function addressAt({point: {site}}: Unnumbered, machine: Machine): bigint | undefined {
  if (site.kind !== 'kprobe' || site.offset !== 0) return undefined;
  const places = machine.functionPlaces(site.function);
  const address = site.address ?? (places.length === 1 ? places[0]?.address : undefined);
  return address === undefined || address === 0n ? undefined : address + addressRegister[machine.architecture].ahead;
}

/** Both ends of a span get the same numbers. */
export function numbered(from: readonly Unnumbered[], to: readonly Unnumbered[], machine: Machine) {
  const addresses = new Map<number, bigint | undefined>();
  // points of one name have one number, that of the first
  for (const each of [...from, ...to]) if (!addresses.has(each.index)) addresses.set(each.index, addressAt(each, machine));
  const known = !machine.abilities.has('cookie') && addresses.size > 1 && [...addresses.values()].every((each) => each !== undefined);
  const number = (each: Unnumbered): PlannedPoint => {
    const address = known ? addresses.get(each.index) : undefined;
    const entry = each.point.site.kind === 'kprobe' && !each.point.site.retprobe;
    return {
      ...each,
      number: address ?? BigInt(each.index),
      byAddress: address !== undefined && entry && addressAt(each, machine) === address,
    };
  };
  return {from: from.map(number), to: to.map(number)};
}
