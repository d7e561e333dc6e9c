import { expect, test } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';
import { until } from '../lib/until.js';

test('media never stops while signalling is cut, and what changed meanwhile arrives', async ({ stage }) => {
  test.setTimeout(120_000);
  const server = await stage.server();
  const proxy = await stage.wsProxy(server);
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice', { websocketUrl: proxy.websocketUrl });
  const bob = await stage.join(server, room, 'bob', { websocketUrl: proxy.websocketUrl });
  await alice.client.publish();
  await bob.client.publish({ video: false });
  const atBob = await bob.client.streamFrom(alice.member.id);
  await bob.client.decodes(atBob.streamId, 20);

  await bob.client.resetGaps();
  proxy.cut();
  const carol = await stage.join(server, room, 'carol');
  await carol.client.publish({ video: false });
  // Each tries about once a second.
  await until('both have tried again and again', 30, () => proxy.refused >= 10);
  const frames = (await bob.client.frames(atBob.streamId))!;
  expect(frames.longestGapMs).toBeLessThan(1000);
  expect(await bob.client.story()).toEqual([`+${alice.member.id}`]);

  const before = proxy.accepted;
  proxy.mend();
  await until('both come back', 10, () => proxy.accepted >= before + 2);
  await bob.client.expectStory([`+${alice.member.id}`, `+${carol.member.id}`]);
  await bob.client.hears((await bob.client.streamFrom(carol.member.id)).streamId);
  expect((await bob.client.frames(atBob.streamId))!.longestGapMs).toBeLessThan(1000);
});
