import { expect, test } from '../lib/fixtures.js';
import { ACCOUNT, Room } from '../lib/rest.js';
import { until } from '../lib/until.js';

test('after kill -9 and restart the same pages hear and see each other again', async ({ stage }) => {
  test.setTimeout(150_000);
  const server = await stage.server();
  const room = await Room.create(server, 'restart');
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');
  await alice.client.publish();
  await bob.client.publish();
  await bob.client.decodes((await bob.client.streamFrom(alice.member.id)).streamId, 20);
  await alice.client.decodes((await alice.client.streamFrom(bob.member.id)).streamId, 20);

  await server.kill();
  await server.run();
  expect((await room.sdk.getSession(ACCOUNT, room.sessionId)).result).toEqual({ id: room.sessionId, tag: 'restart' });
  const { result: members } = await room.sdk.listSessionParticipants(ACCOUNT, room.sessionId);
  expect(members.map((member) => member.tag).sort()).toEqual(['alice', 'bob']);

  // The public SDK offers anew only when ICE has failed, which takes the browser up to half a minute.
  for (const [viewer, publisher] of [
    [bob, alice],
    [alice, bob],
  ] as const)
    await until(`${viewer.client.name} decodes again`, 60, async () => {
      const stream = await viewer.client.streamFrom(publisher.member.id, 60);
      await viewer.client.decodes(stream.streamId, 10, 5);
      return true;
    });
});

test('SIGTERM ends with status 0, and devices come back by themselves', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  expect(await server.stop()).toBe(0);
  await server.run();
  await until('her device is back', 10, async () => (await server.metric('crosspoint_devices_connected')) === 1);
  const published = await alice.client.publish({ video: false });
  expect(published.mediaTypes).toEqual(['AUDIO']);
});
