import { figure } from '../lib/figures.js';
import { expect, test, type Joined, type Stage } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';
import type { Server } from '../lib/server.js';
import { pause, until } from '../lib/until.js';

interface Call {
  alice: Joined;
  bob: Joined;
}

async function call(stage: Stage, server: Server, websocketUrl = server.websocketUrl): Promise<Call> {
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice', { websocketUrl });
  const bob = await stage.join(server, room, 'bob', { websocketUrl });
  await alice.client.publish();
  await bob.client.publish();
  await bob.client.decodes((await bob.client.streamFrom(alice.member.id)).streamId, 40);
  await alice.client.decodes((await alice.client.streamFrom(bob.member.id)).streamId, 40);
  return { alice, bob };
}

/** Seconds from `since` until a frame is decoded in both directions that was not there before. */
async function secondsUntilMediaIsBack({ alice, bob }: Call, since: number, atMost: number): Promise<number> {
  const oneWay = async (viewer: Joined, publisher: Joined) => {
    const { client } = viewer;
    const { streamId } = await client.streamFrom(publisher.member.id, atMost);
    return until(`${client.name} sees a new frame`, atMost, async () => {
      const frames = await client.frames((await client.streamFrom(publisher.member.id, atMost)).streamId);
      return frames && frames.lastAt > since + 2000 && streamId !== '' && (frames.lastAt - since) / 1000;
    });
  };
  return Math.max(...(await Promise.all([oneWay(alice, bob), oneWay(bob, alice)])));
}

test('the server is killed and restarted', async ({ stage }) => {
  const server = await stage.server();
  const both = await call(stage, server);
  const killedAt = Date.now();
  await server.kill();
  await server.run();
  const seconds = await secondsUntilMediaIsBack(both, killedAt, 60);
  figure('kill -9 and restart: seconds until media is back', seconds, '<= 40');
  expect(seconds).toBeLessThanOrEqual(40);
});

test('signalling is cut for 20 s', async ({ stage }) => {
  const server = await stage.server();
  const proxy = await stage.wsProxy(server);
  const { alice, bob } = await call(stage, server, proxy.websocketUrl);
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

test('the media path is cut for 40 s', async ({ stage }) => {
  const { server, relay } = await stage.serverBehindRelay(2);
  const both = await call(stage, server);
  relay.cut();
  await pause(40_000);
  const mendedAt = Date.now();
  relay.mend();
  const seconds = await secondsUntilMediaIsBack(both, mendedAt - 2000, 60);
  figure('media path cut for 40 s: seconds from its mending to media', seconds - 2, '<= 30');
  expect(seconds - 2).toBeLessThanOrEqual(30);
});
