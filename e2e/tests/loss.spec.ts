import { expect, test } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';

test('a call stays whole over a slow and lossy network', async ({ stage }) => {
  test.setTimeout(90_000);
  const { server, relay } = await stage.serverBehindRelay(4711);
  relay.set({ delay: 50, loss: 0.05 });
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');
  await alice.client.publish({ video: { width: 640, height: 360 } });
  const { streamId } = await bob.client.streamFrom(alice.member.id, 20);
  await bob.client.decodes(streamId, 20);

  const sentBefore = (await alice.client.report()).sentVideo[0]!.framesEncoded;
  const before = await bob.client.report();
  await bob.client.decodes(streamId, 150, 20);
  await bob.client.hears(streamId);
  const after = await bob.client.report();
  const sent = (await alice.client.report()).sentVideo[0]!.framesEncoded - sentBefore;
  const decoded = after.video[streamId]!.framesDecoded - before.video[streamId]!.framesDecoded;
  expect(relay.up.dropped).toBeGreaterThan(20);
  expect(relay.down.dropped).toBeGreaterThan(20);
  expect(decoded).toBeGreaterThan(0.9 * sent);
  const [audio, audioBefore] = [after.audio[streamId]!, before.audio[streamId]!];
  const concealed = audio.concealedSamples - audioBefore.concealedSamples;
  expect(concealed / (audio.totalSamples - audioBefore.totalSamples)).toBeLessThan(0.2);
});

test('a call survives ten seconds without any network', async ({ stage }) => {
  test.setTimeout(90_000);
  const { server, relay } = await stage.serverBehindRelay(4712);
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');
  await alice.client.publish();
  const { streamId } = await bob.client.streamFrom(alice.member.id);
  await bob.client.decodes(streamId, 20);

  relay.cut();
  const lost = relay.up.dropped;
  await expect.poll(() => relay.up.dropped - lost).toBeGreaterThan(100);
  await expect.poll(async () => (await bob.client.frames(streamId))!.longestGapMs).toBeGreaterThan(10_000);
  relay.mend();
  await bob.client.decodes(streamId, 40, 40);
  await bob.client.hears(streamId);
});
