import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freeTcpPort, freeUdpPort } from './ports.js';
import { until } from './until.js';

export const BINARY =
  process.env.CROSSPOINT ?? fileURLToPath(new URL('../../build/release/crosspoint', import.meta.url));

export interface ServerOptions {
  /** What candidates carry instead of the host's own addresses, such as "127.0.0.1:41234" for a relay. */
  announce?: string[];
  mediaPort?: number;
  /** Further `--set key=value`. */
  set?: Record<string, string>;
}

/** The real binary in development mode, on ports and a store of its own that stay the same across restarts. */
export class Server {
  /** Everything it wrote, of all its lives. */
  log = '';
  /** Addresses that it announces from its next start on. */
  announce: string[] | undefined;
  private child?: ChildProcess;

  private constructor(
    readonly httpPort: number,
    readonly mediaPort: number,
    private readonly directory: string,
    private readonly options: ServerOptions,
  ) {
    this.announce = options.announce;
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(
      await freeTcpPort(),
      options.mediaPort ?? (await freeUdpPort()),
      await mkdtemp(join(tmpdir(), 'crosspoint-e2e-')),
      options,
    );
    await server.run();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  get websocketUrl(): string {
    return `ws://127.0.0.1:${this.httpPort}`;
  }

  /** Starts the process (again) and returns when it is ready. */
  async run(): Promise<void> {
    const settings: Record<string, string> = {
      'http.listen': `127.0.0.1:${this.httpPort}`,
      'media.port': String(this.mediaPort),
      'store.path': join(this.directory, 'crosspoint.db'),
      ...(this.announce ? { 'media.announce': this.announce.join(',') } : {}),
      ...this.options.set,
    };
    const args = [
      'serve',
      '--dev',
      ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ];
    const child = spawn(BINARY, args, { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const collect = (chunk: Buffer) => (this.log += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => (this.log += `${error}\n`));
    await until(`the server is ready\n${this.log}`, 15, async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${this.log}`);
      return (await fetch(`${this.url}/readyz`)).ok;
    });
  }

  /** SIGKILL: no goodbye to anybody, nothing flushed. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM; returns the exit status. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** Ends the process, if it runs, and removes its store. */
  async close(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  /** One counter or gauge of /metrics, summed over its labels; undefined when it is not there. */
  async metric(name: string): Promise<number | undefined> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const rows = text.split('\n').filter((row) => row.startsWith(`${name} `) || row.startsWith(`${name}{`));
    if (rows.length === 0) return undefined;
    return rows.reduce((sum, row) => sum + Number(row.slice(row.lastIndexOf(' ') + 1)), 0);
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}
