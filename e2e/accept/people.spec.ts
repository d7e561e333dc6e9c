import { median, timeSetup, type CallSetup } from '../lib/call_setup.js';
import { figure } from '../lib/figures.js';
import { expect, test, type Stage } from '../lib/fixtures.js';

const kRuns = 30;
const kDelay = 100;
const kRoundTrip = 2 * kDelay;
const kOften = { 'jsapi.calls_per_minute': '1000' };

async function setups(stage: Stage, runs: number, delay: number): Promise<CallSetup[]> {
  const { server, relay } = await stage.serverBehindRelay(1, { set: kOften });
  const proxy = await stage.wsProxy(server);
  relay.set({ delay });
  proxy.delay = delay;
  const { websocketUrl } = delay > 0 ? proxy : server;
  const ann = await stage.person(server, 'ann', 'ann', { websocketUrl });
  const bob = await stage.person(server, 'bob', 'bob', { websocketUrl });
  const known: string[] = [];
  const all: CallSetup[] = [];
  for (let run = 0; run < runs; run += 1) all.push(await timeSetup(ann, bob, known));
  return all;
}

const of = (all: CallSetup[], step: keyof CallSetup) => median(all.map((one) => one[step]));

test('from call.accept to the first decoded frame', async ({ stage }) => {
  const near = await setups(stage, kRuns, 0);
  figure(`accept() to call.accept, devices, median of ${kRuns}, ms`, of(near, 'devices'), 'told apart');
  figure(`call.accept to the first frame at both, median of ${kRuns}, ms`, of(near, 'firstFrame'), 'told');
  figure('the slowest, ms', Math.max(...near.map(({ firstFrame }) => firstFrame)), 'told');
  const far = await setups(stage, 10, kDelay);
  for (const step of ['media', 'socketOpen', 'published', 'offered', 'connected', 'firstFrame'] as const)
    figure(`100 ms each way: ${step}, round trips`, (of(far, step) - of(near, step)) / kRoundTrip, 'told');
  figure('100 ms each way: call.accept to the first frame, ms', of(far, 'firstFrame'), 'told');
  const roundTrips = (of(far, 'firstFrame') - of(near, 'firstFrame')) / kRoundTrip;
  figure('100 ms each way: round trips', roundTrips, '<= 8');
  expect(roundTrips).toBeLessThanOrEqual(8);
});
