import { figure } from '../lib/figures.js';
import { expect, test, type Joined, type JoinOptions, type Stage } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';
import type { Server } from '../lib/server.js';
import { pause, until } from '../lib/until.js';

interface Call {
  alice: Joined;
  bob: Joined;
}

async function call(stage: Stage, server: Server, options: JoinOptions = {}): Promise<Call> {
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice', options);
  const bob = await stage.join(server, room, 'bob', options);
  await alice.client.publish();
  await bob.client.publish();
  await bob.client.decodes((await bob.client.streamFrom(alice.member.id)).streamId, 40);
  await alice.client.decodes((await alice.client.streamFrom(bob.member.id)).streamId, 40);
  return { alice, bob };
}

/** Unix time in ms when both see a frame that appeared after `since`. */
async function mediaIsBack({ alice, bob }: Call, since: number, atMost: number): Promise<number> {
  const oneWay = (viewer: Joined, publisher: Joined) =>
    until(`${viewer.client.name} sees a new frame`, atMost, async () => {
      const { streamId } = await viewer.client.streamFrom(publisher.member.id, atMost);
      const frames = await viewer.client.frames(streamId);
      return frames && frames.lastAt > since && frames.lastAt;
    });
  return Math.max(...(await Promise.all([oneWay(alice, bob), oneWay(bob, alice)])));
}

// Frames that were on the way when the server died are shown a moment later.
const STILL_ON_THE_WAY_MS = 1500;

for (const [sdk, most] of [
  ['bandwidth', 40],
  ['crosspoint', 6],
] as const)
  test(`the server is killed and restarted, SDK ${sdk}`, async ({ stage }) => {
    const server = await stage.server();
    const both = await call(stage, server, { sdk });
    const killedAt = Date.now();
    await server.kill();
    await server.run();
    const seconds = ((await mediaIsBack(both, killedAt + STILL_ON_THE_WAY_MS, 60)) - killedAt) / 1000;
    figure(`kill -9 and restart, SDK ${sdk}: seconds until media is back`, seconds, `<= ${most}`);
    expect(seconds).toBeLessThanOrEqual(most);
  });

test('signalling is cut for 20 s', async ({ stage }) => {
  const server = await stage.server();
  const proxy = await stage.wsProxy(server);
  const { alice, bob } = await call(stage, server, { websocketUrl: proxy.websocketUrl });
  await bob.client.resetGaps();
  proxy.cut();
  await pause(20_000);
  const { streamId } = await bob.client.streamFrom(alice.member.id);
  const { longestGapMs } = (await bob.client.frames(streamId))!;
  const before = proxy.accepted;
  proxy.mend();
  await until('both are back', 10, () => proxy.accepted >= before + 2);
  figure('signalling cut for 20 s: longest time without a frame, ms', longestGapMs, '<= 500');
  expect(longestGapMs).toBeLessThanOrEqual(500);
});

for (const [sdk, cutFor] of [
  ['bandwidth', 40],
  ['crosspoint', 90],
] as const)
  test(`the media path is cut for ${cutFor} s, SDK ${sdk}`, async ({ stage }) => {
    const { server, relay } = await stage.serverBehindRelay(2);
    const both = await call(stage, server, { sdk });
    relay.cut();
    await pause(cutFor * 1000);
    const mendedAt = Date.now();
    relay.mend();
    const seconds = ((await mediaIsBack(both, mendedAt, 60)) - mendedAt) / 1000;
    figure(`media path cut for ${cutFor} s, SDK ${sdk}: seconds from its mending to media`, seconds, '<= 30');
    expect(seconds).toBeLessThanOrEqual(30);
  });
