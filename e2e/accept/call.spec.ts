import { figure } from '../lib/figures.js';
import { expect, test, type Joined } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';
import { pause, until } from '../lib/until.js';

const HD = { width: 1280, height: 720 };

test('two browsers, 1280x720, for a minute', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');
  const start = Date.now();
  await alice.client.publish({ video: HD });
  await bob.client.publish({ video: HD });

  const ways: [viewer: Joined, publisher: Joined][] = [
    [bob, alice],
    [alice, bob],
  ];
  for (const [viewer, publisher] of ways) {
    const { streamId } = await viewer.client.streamFrom(publisher.member.id);
    await until('18 frames a second at full size', 20 - (Date.now() - start) / 1000, async () => {
      const video = await viewer.client.video(streamId);
      return video && video.framesPerSecond >= 18 && video.width === HD.width && video.height === HD.height;
    });
    figure(`${viewer.client.name}: seconds to 18 fps at 1280x720`, (Date.now() - start) / 1000, '<= 20');
    await viewer.client.hears(streamId);
  }

  const before = await Promise.all(ways.map(([viewer]) => viewer.client.report()));
  await pause(60_000);
  for (const [index, [viewer, publisher]] of ways.entries()) {
    const { name } = viewer.client;
    const { streamId } = await viewer.client.streamFrom(publisher.member.id);
    const [first, report] = [before[index]!, await viewer.client.report()];
    const seconds = (report.at - first.at) / 1000;
    const video = report.video[streamId]!;
    const fps = (video.framesDecoded - first.video[streamId]!.framesDecoded) / seconds;
    figure(`${name}: frames decoded a second, over ${Math.round(seconds)} s`, fps, '>= 18');
    figure(`${name}: freezes`, video.freezeCount, '0');
    const audio = report.audio[streamId]!;
    const energy = audio.energy - first.audio[streamId]!.energy;
    figure(`${name}: audio energy`, energy, '> 0');
    figure(`${name}: publishing cipher`, report.publishing!.srtpCipher!, 'AEAD_AES_128_GCM');
    figure(`${name}: subscribing cipher`, report.subscribing!.srtpCipher!, 'AEAD_AES_128_GCM');
    expect(fps).toBeGreaterThanOrEqual(18);
    expect(video.freezeCount).toBe(0);
    expect([video.width, video.height]).toEqual([HD.width, HD.height]);
    expect(energy).toBeGreaterThan(0);
    expect(report.publishing!.srtpCipher).toContain('AEAD_AES_128_GCM');
    expect(report.subscribing!.srtpCipher).toContain('AEAD_AES_128_GCM');
    expect(await viewer.client.story()).toEqual([`+${publisher.member.id}`]);
  }
});

test("the publisher's bit rate rises", async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');
  const start = Date.now();
  await alice.client.publish({ video: HD, detailed: true });
  await bob.client.streamFrom(alice.member.id);
  let last = await alice.client.report();
  let best = 0;
  await until('1.5 Mbit/s of video', 15 - (Date.now() - start) / 1000, async () => {
    await pause(1000);
    const now = await alice.client.report();
    const bytes = (now.sentVideo[0]?.bytesSent ?? 0) - (last.sentVideo[0]?.bytesSent ?? 0);
    best = Math.max(best, (bytes * 8) / (now.at - last.at) / 1000);
    last = now;
    return best >= 1.5;
  }).finally(() => {
    figure('video sent, best second, Mbit/s', best, '>= 1.5');
    figure('seconds', (Date.now() - start) / 1000, '<= 15');
  });
});
