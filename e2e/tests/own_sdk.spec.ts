import { expect, test } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';

test('our SDK and the public one hear and see each other', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice', { sdk: 'crosspoint' });
  const bob = await stage.join(server, room, 'bob');
  const published = await alice.client.publish({ alias: 'usermedia' });
  await bob.client.publish();
  const atAlice = await alice.client.streamFrom(bob.member.id);
  const atBob = await bob.client.streamFrom(alice.member.id);
  expect(atBob.alias).toBe('usermedia');
  await Promise.all([
    alice.client.decodes(atAlice.streamId, 40),
    bob.client.decodes(atBob.streamId, 40),
    alice.client.hears(atAlice.streamId),
    bob.client.hears(atBob.streamId),
  ]);

  await alice.client.unpublish(published.endpointId);
  await bob.client.expectStory([`+${alice.member.id}`, `-${alice.member.id}`]);
  await bob.client.disconnect();
  await alice.client.expectStory([`+${bob.member.id}`, `-${bob.member.id}`]);
});

test('our SDK publishes while it connects, and anew on the same connection', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const bob = await stage.join(server, room, 'bob');
  const member = await room.participant({ tag: 'alice' });
  await room.add(member);
  const alice = await stage.client('alice', 'crosspoint');
  const first = await alice.connectPublishing(member.token, server.websocketUrl, 'usermedia');
  expect(first).toMatchObject({ alias: 'usermedia', mediaTypes: ['AUDIO', 'VIDEO'] });
  const atBob = await bob.client.streamFrom(member.id);
  await Promise.all([bob.client.decodes(atBob.streamId, 20), bob.client.hears(atBob.streamId)]);

  await alice.unpublish(first.endpointId);
  await alice.publish();
  await bob.client.expectStory([`+${member.id}`, `-${member.id}`, `+${member.id}`]);
  await bob.client.decodes((await bob.client.streamFrom(member.id)).streamId, 20);
});

test('our SDK rejects connect() when the token is refused', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const member = await room.participant();
  await room.delete(member);
  const client = await stage.client('late', 'crosspoint');
  await expect(client.connect(member.token, server.websocketUrl)).rejects.toThrow();
});

test('our SDK is back soon after a restart of the server', async ({ stage }) => {
  test.setTimeout(90_000);
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice', { sdk: 'crosspoint' });
  const bob = await stage.join(server, room, 'bob', { sdk: 'crosspoint' });
  await alice.client.publish();
  await bob.client.decodes((await bob.client.streamFrom(alice.member.id)).streamId, 20);
  await server.kill();
  await server.run();
  await bob.client.decodes((await bob.client.streamFrom(alice.member.id)).streamId, 20);
  // The stream keeps its id over the restart: applications need not build anything anew.
  await bob.client.expectStory([`+${alice.member.id}`]);
});

test('our SDK loses no time on the path that died with a server', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice', { sdk: 'crosspoint' });
  const bob = await stage.join(server, room, 'bob', { sdk: 'crosspoint' });
  await alice.client.publish();
  const { streamId } = await bob.client.streamFrom(alice.member.id);
  await bob.client.decodes(streamId, 20);
  await server.kill();
  // No path to this address ranks above the one that the browsers know, and believe in for 3.5 s.
  server.announce = [`127.0.0.1:${server.mediaPort}`];
  await server.run();
  const restarted = Date.now();
  await bob.client.decodes(streamId, 10);
  expect(Date.now() - restarted).toBeLessThan(3_000);
  await bob.client.expectStory([`+${alice.member.id}`]);
});
