// Where `serve` listens: an address of this machine and a port. Without --listen, loopback; any other only when it is named.
import net from 'node:net';
import {UserError} from '../../errors.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** Only processes of this machine reach it. */
  readonly loopback: boolean;
}

const defaultPort = 9435;

/** @param text ADDRESS:PORT, PORT, or an address alone @throws UserError */
export function listenAddress(text: string | undefined): ListenAddress {
  if (text === undefined) return {host: '127.0.0.1', port: defaultPort, loopback: true};
  const wrong = (why: string, hint: string): UserError => new UserError(`--listen '${text}': ${why}`, {hint, status: 2});
  const [, bracketed, plain, digits] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(/^\d{1,5}$/.test(text) ? `localhost:${text}` : text) ?? [];
  const named = net.isIPv6(text) ? text : (bracketed ?? plain);
  if (named === undefined) throw wrong('not ADDRESS:PORT', `127.0.0.1:${defaultPort}, or [::1]:${defaultPort}`);
  if (named === '' || named === '*')
    throw wrong(
      'no address',
      `name it: 127.0.0.1${text.replace(/^\*/, '')} is this machine alone, 0.0.0.0${text.replace(/^\*/, '')} whoever reaches it`,
    );
  const host = named === 'localhost' ? '127.0.0.1' : named;
  if (net.isIP(host) === 0) throw wrong('no IP address', 'an address of this machine in numbers, or localhost');
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port > 65_535) throw wrong('no such port', 'from 0 (any that is free) to 65535');
  return {host, port, loopback: isLoopback(host)};
}

const isLoopback = (host: string): boolean => /^127\./.test(host) || /^(0*:)*:?0*1$/.test(host) || /^::ffff:127\./i.test(host);

export const urlOf = (host: string, port: number): string => `http://${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
