import { expect, test } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';

test('two browsers hear and see each other', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server, 'two-browsers');
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');

  const fromAlice = await alice.client.publish({ alias: 'usermedia' });
  const fromBob = await bob.client.publish();
  expect(fromAlice.mediaTypes?.sort()).toEqual(['AUDIO', 'VIDEO']);
  expect(fromBob.mediaTypes?.sort()).toEqual(['AUDIO', 'VIDEO']);

  const atBob = await bob.client.streamFrom(alice.member.id);
  const atAlice = await alice.client.streamFrom(bob.member.id);
  expect(atBob.alias).toBe('usermedia');
  expect(atAlice.alias).toBeUndefined();
  for (const event of [atBob, atAlice]) {
    expect(event.mediaTypes?.sort()).toEqual(['AUDIO', 'VIDEO']);
    expect(event.tracks.sort()).toEqual(['audio', 'video']);
  }

  await Promise.all([
    bob.client.decodes(atBob.streamId, 60),
    alice.client.decodes(atAlice.streamId, 60),
    bob.client.hears(atBob.streamId),
    alice.client.hears(atAlice.streamId),
  ]);

  for (const { client } of [alice, bob]) {
    const report = await client.report();
    for (const transport of [report.publishing, report.subscribing]) {
      expect(transport?.state).toBe('connected');
      expect(transport?.srtpCipher).toContain('AEAD_AES_128_GCM');
    }
    expect(Object.values(report.video)[0]?.codec).toBe('video/VP8');
  }
  await alice.client.expectStory([`+${bob.member.id}`]);
  await bob.client.expectStory([`+${alice.member.id}`]);
});

for (const codec of ['h264', 'vp9', 'av1'])
  test(`video that is published in ${codec} is seen`, async ({ stage }) => {
    const server = await stage.server({ set: { 'media.video_codecs': codec } });
    const room = await Room.create(server);
    const alice = await stage.join(server, room, 'alice');
    const bob = await stage.join(server, room, 'bob');
    await alice.client.publish({ audio: false });
    const { streamId } = await bob.client.streamFrom(alice.member.id);
    await bob.client.decodes(streamId, 20);
    const [video] = Object.values((await bob.client.report()).video);
    expect(video?.codec?.toLowerCase()).toBe(`video/${codec}`);
  });

test('a listener without anything published gets what others publish', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const speaker = await stage.join(server, room, 'speaker');
  await speaker.client.publish({ video: false });
  const listener = await stage.join(server, room, 'listener', { participant: { publishPermissions: [] } });
  const stream = await listener.client.streamFrom(speaker.member.id);
  expect(stream.mediaTypes).toEqual(['AUDIO']);
  await listener.client.hears(stream.streamId);
  expect((await listener.client.report()).publishing).toBeUndefined();
});

test('camera and screen of one participant are two streams', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');
  await alice.client.publish({ alias: 'usermedia' });
  const camera = await bob.client.streamFrom(alice.member.id);
  const screen = await alice.client.publish({ audio: false, alias: 'screenshare' });
  await bob.client.expectStory([`+${alice.member.id}`, `+${alice.member.id}`]);
  const shared = await bob.client.streamFrom(alice.member.id);
  expect(shared).toMatchObject({ alias: 'screenshare', mediaTypes: ['VIDEO'] });
  await bob.client.decodes(shared.streamId, 20);

  await alice.client.unpublish(screen.endpointId);
  await bob.client.expectStory([`+${alice.member.id}`, `+${alice.member.id}`, `-${alice.member.id}`]);
  await bob.client.decodes(camera.streamId, 20);
});
