// The real Prometheus, with a folder and a port of its own, that scrapes one address every second.
import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type {TestContext} from 'node:test';
import {temporaryFolder} from './program.ts';

export const noPrometheus = (): string | undefined =>
  spawnSync('prometheus', ['--version']).status === 0 ? undefined : 'needs the package prometheus';

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
  readonly values?: readonly (readonly [time: number, value: string])[];
}

export class Prometheus {
  private readonly child: ChildProcess;
  private readonly url: string;
  private output = '';

  static async start(context: Pick<TestContext, 'after'>, target: string): Promise<Prometheus> {
    const folder = temporaryFolder(context);
    const config = path.join(folder, 'prometheus.yml');
    writeFileSync(
      config,
      `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs: [{job_name: tsbpftop, static_configs: [{targets: ['${target}']}]}]\n`,
    );
    return new Prometheus(context, config, path.join(folder, 'data'), await freePort());
  }

  private constructor(context: Pick<TestContext, 'after'>, config: string, data: string, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`];
    this.child = spawn('prometheus', args, {stdio: ['ignore', 'pipe', 'pipe']});
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (text) => (this.output += text));
    const ended = once(this.child, 'exit');
    context.after(async () => {
      this.child.kill('SIGKILL');
      await ended;
    });
  }

  async get(page: string): Promise<unknown> {
    const response = await fetch(this.url + page);
    const {status, data, error} = (await response.json()) as {status: string; data: unknown; error?: string};
    if (status !== 'success') throw new Error(`${page}: ${error}`);
    return data;
  }

  async query(query: string): Promise<readonly Series[]> {
    const {result} = (await this.get(`/api/v1/query?query=${encodeURIComponent(query)}`)) as {readonly result: readonly Series[]};
    return result;
  }

  /** Waits until the query's only series has a value that is as wanted. */
  async until(query: string, wanted: (value: number) => boolean): Promise<number> {
    const deadline = Date.now() + 40_000;
    for (let last = 'no answer'; ; ) {
      try {
        const [series] = await this.query(query);
        const value = Number(series?.value?.[1]);
        if (wanted(value)) return value;
        last = JSON.stringify(series);
      } catch (error) {
        last = String(error);
      }
      if (Date.now() > deadline) throw new Error(`${query}: never as wanted: ${last}\n${this.output.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
