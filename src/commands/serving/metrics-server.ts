// The HTTP side of `serve`: three pages to read, nothing to change. Whoever connects can cost little: small headers, no
// bodies, few connections, short waits, one answer a connection.
import http from 'node:http';
import net from 'node:net';
import {gzip} from 'node:zlib';
import {UserError} from '../../errors.ts';
import {contentTypes, formatOf, type MetricFormat} from '../../output/metric-text.ts';
import {type ListenAddress, urlOf} from './listen-address.ts';

interface Pages {
  /** All metrics as text: the same bytes for all who ask at once. */
  metrics(format: MetricFormat): Promise<Buffer>;
  /** Why not all is well; undefined when it is. */
  trouble(): string | undefined;
  /** HTML */
  readonly front: string;
}

const mostConnections = 256;
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
  admitFairly(server);
  server.maxRequestsPerSocket = 1;
  server.timeout = patience;
  server.on('timeout', (socket: net.Socket) => socket.destroy());
  server.on('clientError', ({code}: NodeJS.ErrnoException, socket) => {
    if (socket.writable && (socket as net.Socket).bytesWritten === 0)
      socket.end(`HTTP/1.1 ${refusals[code ?? ''] ?? '400 Bad Request'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    else socket.destroy();
  });
  const packed = new Packed();
  server.on('request', (request, response) => {
    answer(request, response, address, pages, packed).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, address)));
    server.listen(address.port, address.host, resolve);
  });
  server.on('error', () => undefined); // as when no more files can be opened: those who connect are told by the kernel
  return server;
}

const refusals: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Where there are too many, the one that has said nothing for longest goes: who holds connections keeps nobody else out. */
function admitFairly(server: http.Server): void {
  const silent = new Set<net.Socket>();
  let open = 0;
  server.on('connection', (socket: net.Socket) => {
    open++;
    silent.add(socket);
    socket.once('close', () => {
      open--;
      silent.delete(socket);
    });
    if (open <= mostConnections) return;
    const [oldest = socket] = silent;
    oldest.destroy();
  });
  server.on('request', ({socket}) => silent.delete(socket));
}

/** What is sent to many is packed once. */
class Packed {
  private readonly known = new WeakMap<Buffer, Promise<Buffer>>();

  of(text: Buffer): Promise<Buffer> {
    let found = this.known.get(text);
    if (found === undefined) {
      found = new Promise((resolve, reject) => gzip(text, {level: 1}, (error, body) => (error === null ? resolve(body) : reject(error))));
      this.known.set(text, found);
    }
    return found;
  }
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  {loopback}: ListenAddress,
  pages: Pages,
  packed: Packed,
): Promise<void> {
  const {method = '', headers} = request;
  // as proxies ask: the whole address, whose host counts in place of the header's
  const [, named, rest = '/'] = /^https?:\/\/([^/?]*)(.*)$/i.exec(request.url ?? '') ?? [undefined, undefined, request.url];
  const path = rest.split('?')[0] || '/';
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
  if (loopback && !namesLoopback(named ?? headers.host ?? ''))
    return plain(403, 'this address is of the machine itself: ask for localhost or 127.0.0.1');
  switch (path) {
    case '/metrics': {
      const format = formatOf(headers.accept ?? '');
      const text = await pages.metrics(format);
      const type = contentTypes[format];
      if (!/\bgzip\b(?!;q=0(\.0*)?(,|$))/.test(String(headers['accept-encoding'] ?? '')))
        return send(200, type, text, {vary: 'accept, accept-encoding'});
      return send(200, type, await packed.of(text), {'content-encoding': 'gzip', vary: 'accept, accept-encoding'});
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
