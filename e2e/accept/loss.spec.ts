import { figure } from '../lib/figures.js';
import { expect, test, type Joined } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';
import { pause } from '../lib/until.js';

test('50 ms each way and 5 % loss in both directions, for a minute', async ({ stage }) => {
  const { server, relay } = await stage.serverBehindRelay(1);
  relay.set({ delay: 50, loss: 0.05 });
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');
  const video = { width: 1280, height: 720 };
  await alice.client.publish({ video });
  await bob.client.publish({ video });
  const ways: [viewer: Joined, publisher: Joined][] = [
    [bob, alice],
    [alice, bob],
  ];
  const streams: string[] = [];
  for (const [viewer, publisher] of ways) {
    const { streamId } = await viewer.client.streamFrom(publisher.member.id, 30);
    await viewer.client.decodes(streamId, 100, 30);
    streams.push(streamId);
  }

  await Promise.all(ways.map(([viewer]) => viewer.client.resetGaps()));
  const reports = () => Promise.all(ways.flatMap((way) => way.map((joined) => joined.client.report())));
  const before = await reports();
  await pause(60_000);
  const after = await reports();
  for (const [index, [viewer]] of ways.entries()) {
    const { name } = viewer.client;
    const streamId = streams[index]!;
    const [first, last] = [before[index * 2]!, after[index * 2]!];
    const sent = after[index * 2 + 1]!.sentVideo[0]!.framesEncoded - before[index * 2 + 1]!.sentVideo[0]!.framesEncoded;
    const share = (last.video[streamId]!.framesDecoded - first.video[streamId]!.framesDecoded) / sent;
    const [audio, audioBefore] = [last.audio[streamId]!, first.audio[streamId]!];
    const concealed =
      (audio.concealedSamples - audioBefore.concealedSamples) / (audio.totalSamples - audioBefore.totalSamples);
    const { longestGapMs } = (await viewer.client.frames(streamId))!;
    figure(`${name}: frames decoded of those encoded, %`, share * 100, '>= 95');
    figure(`${name}: longest time without a new frame, ms`, longestGapMs, '<= 1000');
    figure(`${name}: audio samples concealed, %`, concealed * 100, '< 3');
    expect(share).toBeGreaterThanOrEqual(0.95);
    expect(longestGapMs).toBeLessThanOrEqual(1000);
    expect(concealed).toBeLessThan(0.03);
  }
  figure('lost on the way up, %', (100 * relay.up.dropped) / relay.up.received, '5');
  figure('lost on the way down, %', (100 * relay.down.dropped) / relay.down.received, '5');
});
