// The HTTP side of `serve`: three pages to read, nothing to change. Whoever connects can cost little: small headers, no
// bodies, few connections, short waits, one answer a connection.
import http from 'node:http';
import net from 'node:net';
import {gzip} from 'node:zlib';
import {UserError} from '../errors.ts';
import {contentTypes, formatOf, type MetricFormat} from '../output/metric-text.ts';
import {type ListenAddress, urlOf} from './listen-address.ts';

export interface Pages {
  /** All metrics as text. */
  metrics(format: MetricFormat): Promise<string>;
  /** Why not all is well; undefined when it is. */
  trouble(): string | undefined;
  /** HTML */
  readonly front: string;
}

const mostConnections = 64;
const mostHeaderBytes = 8192;
/** ms for a request to arrive, and for a reader to take what is sent. */
const patience = 10_000;

/** @returns the server, listening @throws UserError */
export async function metricsServer(address: ListenAddress, pages: Pages): Promise<http.Server> {
  const server = http.createServer({
    maxHeaderSize: mostHeaderBytes,
    headersTimeout: patience,
    requestTimeout: patience,
    connectionsCheckingInterval: 1000,
  });
  server.maxConnections = mostConnections;
  server.maxRequestsPerSocket = 1;
  server.timeout = patience;
  server.on('timeout', (socket: net.Socket) => socket.destroy());
  server.on('clientError', (_, socket) => {
    if (socket.writable && (socket as net.Socket).bytesWritten === 0)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  server.on('request', (request, response) => {
    answer(request, response, address, pages).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, address)));
    server.listen(address.port, address.host, resolve);
  });
  server.on('error', () => undefined); // as when no more files can be opened: those who connect are told by the kernel
  return server;
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  {loopback}: ListenAddress,
  pages: Pages,
): Promise<void> {
  const {method = '', headers} = request;
  const path = (request.url ?? '').split('?')[0];
  const send = (status: number, type: string, body: string | Buffer, more: http.OutgoingHttpHeaders = {}): void => {
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'",
      connection: 'close',
      ...more,
    });
    response.end(method === 'HEAD' ? undefined : body);
  };
  const plain = (status: number, body: string, more: http.OutgoingHttpHeaders = {}): void =>
    send(status, 'text/plain; charset=utf-8', `${body}\n`, more);

  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'nothing can be changed here: GET and HEAD alone', {allow: 'GET, HEAD'});
  // a page in a browser of this machine may have had its own name point here
  if (loopback && !namesLoopback(headers.host ?? ''))
    return plain(403, 'this address is of the machine itself: ask for localhost or 127.0.0.1');
  switch (path) {
    case '/metrics': {
      const format = formatOf(headers.accept ?? '');
      const text = await pages.metrics(format);
      const type = contentTypes[format];
      if (!/\bgzip\b(?!;q=0(\.0*)?(,|$))/.test(String(headers['accept-encoding'] ?? '')))
        return send(200, type, text, {vary: 'accept, accept-encoding'});
      const body = await new Promise<Buffer>((resolve, reject) =>
        gzip(text, {level: 1}, (error, packed) => (error === null ? resolve(packed) : reject(error))),
      );
      return send(200, type, body, {'content-encoding': 'gzip', vary: 'accept, accept-encoding'});
    }
    case '/healthz': {
      const trouble = pages.trouble();
      return trouble === undefined ? plain(200, 'ok') : plain(503, trouble);
    }
    case '/':
      return send(200, 'text/html; charset=utf-8', pages.front);
    default:
      return plain(404, 'here are /metrics and /healthz');
  }
}

function namesLoopback(header: string): boolean {
  const name = header
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === '' || name === 'localhost' || name === 'ip6-localhost' || net.isIP(name) !== 0;
}

function listenError({code, message}: NodeJS.ErrnoException, {host, port}: ListenAddress): UserError {
  const at = urlOf(host, port).replace('http://', '');
  switch (code) {
    case 'EADDRINUSE':
      return new UserError(`cannot listen on ${at}: another program does`, {hint: '--listen ADDRESS:PORT with another port'});
    case 'EADDRNOTAVAIL':
      return new UserError(`cannot listen on ${at}: this machine has no such address`, {hint: 'ip addr shows those it has'});
    case 'EACCES':
      return new UserError(`cannot listen on ${at}: not allowed`, {hint: 'a port from 1024 on'});
    default:
      return new UserError(`cannot listen on ${at}: ${message}`);
  }
}
