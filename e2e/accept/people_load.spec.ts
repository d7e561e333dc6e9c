import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { figure } from '../lib/figures.js';
import { expect, test } from '../lib/fixtures.js';
import { BINARY, type Server } from '../lib/server.js';

interface Quantiles {
  p50: number;
  p99: number;
  max: number;
}

/** What `crosspoint load jsapi --json` prints. */
interface LoadReport {
  connections: number;
  memoryBytes: { perConnection: number };
  failures: string[];
  texts: {
    sent: number;
    delivered: number;
    lost: number;
    duplicated: number;
    outOfOrder: number;
    latencyMs: Quantiles;
  };
  calls: { opened: number; rung: number; answered: number; ended: number; unfinished: number; lastingMs: Quantiles };
}

const kConnections = 10_000;
const kSeconds = 30;

async function load(server: Server): Promise<LoadReport> {
  const args = ['load', 'jsapi', '--json', '--server', `127.0.0.1:${server.httpPort}`];
  args.push('--connections', String(kConnections), '--duration', `${kSeconds}s`);
  // A run in which something was lost ends with status 1, and has a report all the same.
  const run = promisify(execFile)(BINARY, args).catch((failed: { stdout: string; stderr: string }) => {
    if (!failed.stdout) throw new Error(failed.stderr);
    return failed;
  });
  return JSON.parse((await run).stdout) as LoadReport;
}

test('ten thousand connections write and call', async ({ stage }) => {
  test.setTimeout(600_000);
  const server = await stage.server({ set: { 'limits.connections': String(2 * kConnections) } });
  const { memoryBytes, texts, calls, failures, connections } = await load(server);

  figure('idle connections', connections, String(kConnections));
  figure('KiB of server memory for each', memoryBytes.perConnection / 1024, '<= 40');
  figure(`texts delivered in ${kSeconds} s`, texts.delivered, String(1000 * kSeconds));
  figure('… lost, twice, out of order', `${texts.lost}, ${texts.duplicated}, ${texts.outOfOrder}`, '0, 0, 0');
  figure('… ms from sent to received, median', texts.latencyMs.p50, 'as low as it gets');
  figure('… ms from sent to received, 99th percentile', texts.latencyMs.p99, '< 50');
  figure('… ms from sent to received, longest', texts.latencyMs.max, 'as low as it gets');
  figure(`calls opened, answered and ended in ${kSeconds} s`, calls.ended, String(100 * kSeconds));
  figure('… seconds of the longest, 1.5 of them wanted', calls.lastingMs.max / 1000, '<= 10');

  expect(failures).toEqual([]);
  expect(connections).toBe(kConnections);
  expect(memoryBytes.perConnection).toBeLessThanOrEqual(40 * 1024);
  expect(texts.delivered).toBe(1000 * kSeconds);
  expect(texts.latencyMs.p99).toBeLessThan(50);
  expect(calls.ended).toBe(100 * kSeconds);
});
