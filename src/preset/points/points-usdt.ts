// Static probes in programs and libraries (USDT): found by provider and name; all sites of one name feed one row.
import type {UsdtSite} from '../../native/contract.ts';
import type {Context} from '../program/contexts.ts';
import {PresetFault, WrongPreset} from '../fault.ts';
import {elfMachines, type Machine} from '../machine.ts';
import type {Place} from '../program/places.ts';
import {matcher, missing, type Point, type PointOptions} from './point.ts';
import {foundFile} from './points-user.ts';
import {type Argument, parseArguments} from './usdt-arguments.ts';

export function usdtPoints(rest: string, machine: Machine, options: PointOptions): readonly Point[] {
  const {file, provider = '*', name} = /^(?<file>.+?)(:(?<provider>[^:/]+))?:(?<name>[^:/]+)$/.exec(rest)?.groups ?? {};
  if (file === undefined || name === undefined) throw new WrongPreset(`'usdt:${rest}' is not of the form usdt:FILE:PROVIDER:NAME`);
  const path = foundFile(file, machine, options);
  const usdt = machine.usdt(path);
  if (usdt.sites.length === 0)
    throw new PresetFault(
      `'${path}' has no static probes`,
      'they are compiled in: some programs have them by an option of their build; uprobe:FILE:SYMBOL traces its functions',
    );
  const [isProvider, isName] = [matcher(provider), matcher(name)];
  const groups = new Map<string, UsdtSite[]>();
  for (const site of usdt.sites) {
    if (!isProvider(site.provider) || !isName(site.name)) continue;
    const key = `${site.provider}:${site.name}`;
    const group = groups.get(key);
    // a function that is inlined or cloned may have the same site twice
    if (group === undefined) groups.set(key, [site]);
    else if (group.every((each) => each.offset !== site.offset || each.arguments !== site.arguments)) group.push(site);
  }
  if (groups.size === 0) {
    const names = [...new Set(usdt.sites.map((site) => (provider === '*' ? site.name : `${site.provider}:${site.name}`)))];
    const wanted = provider === '*' ? name : `${provider}:${name}`;
    throw missing('static probe', wanted, names, `tsbpftop probes 'usdt:${file}:*' lists those that exist`, ` in '${path}'`);
  }
  const native = usdt.wide && usdt.machine === elfMachines[machine.architecture];
  return [...groups].flatMap(([key, sites]) => {
    const probe = `usdt:${path}:${key}`;
    const parsed = sites.map((site) =>
      native ? parseArguments(site.arguments, {...usdt, architecture: machine.architecture, address: site.address}) : undefined,
    );
    return sites.map((site, i) => ({
      probe,
      func: site.name,
      program: 'kprobe',
      site: {kind: 'uprobe', path, offset: site.offset, semaphore: site.semaphore, retprobe: false},
      context: usdtContext(key, i, parsed),
    }));
  });
}

/** What one site gives, in the type that suits all sites of its name. Undefined: a program of another architecture. */
function usdtContext(probe: string, site: number, parsed: readonly (readonly Argument[] | undefined)[]): Context {
  const own = parsed[site];
  const no = (what: string, hint = ''): never => {
    throw new PresetFault(`${what} cannot be read at static probe '${probe}'`, hint);
  };
  const count = Math.max(0, ...parsed.map((each) => each?.length ?? 0));
  const has = count === 0 ? 'it has no arguments' : `it has arg0 to arg${count - 1}`;
  const typeOf = (index: number): {readonly size: number; readonly signed: boolean} => {
    const all = parsed.flatMap((each) => each?.[index] ?? []);
    return {size: Math.max(...all.map((each) => each.size)), signed: all.some((each) => each.signed)};
  };
  const where = parsed.length > 1 ? `at site ${site + 1} of ${parsed.length}: ` : '';
  return {
    argument(index): Place {
      if (own === undefined) return no(`arg${index}`, 'the program is of another architecture, and its registers are not known');
      const argument = own[index];
      if (argument === undefined) return no(`arg${index}`, `${where}${has}`);
      if ('unreadable' in argument) return no(`arg${index}`, `${where}${argument.unreadable}`);
      const {size, signed} = argument;
      const type = typeOf(index);
      const place: Place = {...argument.place, type: {kind: 'integer', ...type}};
      return place.read !== undefined || (size === type.size && signed === type.signed) ? place : {...place, read: {size, signed}};
    },
    named: (name) => no(`args.${name}`, `its arguments have no names: ${has}`),
    retval: () => no('retval', 'use the probe at its end, or a uretprobe of the function'),
    fields: () =>
      Array.from({length: count}, (_, i) => {
        const {size, signed} = typeOf(i);
        return {name: `arg${i}`, type: `${signed ? 'i' : 'u'}${size * 8}`};
      }),
  };
}
