import { expect, test } from '../lib/fixtures.js';
import { ACCOUNT, Room } from '../lib/rest.js';

test('subscriptions change live by REST', async ({ stage }) => {
  test.setTimeout(90_000);
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice', { subscriptions: {} });
  const bob = await stage.join(server, room, 'bob', { subscriptions: {} });
  await alice.client.publish({ alias: 'usermedia' });
  await alice.client.publish({ audio: false, alias: 'screenshare' });
  await bob.client.publish({ video: false });
  const viewer = await stage.join(server, room, 'viewer', { subscriptions: {} });
  const [a, b] = [alice.member.id, bob.member.id];

  const aliasesNow = async () => {
    const available = new Map<string, string>();
    for (const event of await viewer.client.events()) {
      if (event.kind === 'available') available.set(event.streamId, `${event.participantId}/${event.alias ?? ''}`);
      else available.delete(event.streamId);
    }
    return [...available.values()].sort();
  };
  const becomes = (streams: string[]) => expect.poll(aliasesNow).toEqual([...streams].sort());

  await room.subscribe(viewer.member, { sessionId: room.sessionId });
  await becomes([`${a}/usermedia`, `${a}/screenshare`, `${b}/`]);
  await viewer.client.decodes((await viewer.client.streamFrom(a)).streamId, 20);

  await room.subscribe(viewer.member, { participants: [{ participantId: b }] });
  await becomes([`${b}/`]);
  await viewer.client.hears((await viewer.client.streamFrom(b)).streamId);

  await room.subscribe(viewer.member, { participants: [{ participantId: a, streamAliases: ['screenshare'] }] });
  await becomes([`${a}/screenshare`]);
  await viewer.client.decodes((await viewer.client.streamFrom(a)).streamId, 20);
  const { result } = await room.sdk.getParticipantSubscriptions(ACCOUNT, room.sessionId, viewer.member.id);
  expect(result.participants).toEqual([{ participantId: a, streamAliases: ['screenshare'] }]);

  await room.subscribe(viewer.member, {});
  await becomes([]);
});

test('an alias and a participant that come later start by themselves', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const late = await room.participant({ tag: 'late' });
  const viewer = await stage.join(server, room, 'viewer', {
    subscriptions: { participants: [{ participantId: late.id, streamAliases: ['screenshare'] }] },
  });

  await room.add(late, {});
  const client = await stage.client('late');
  await client.connect(late.token, server.websocketUrl);
  await client.publish({ video: false, alias: 'usermedia' });
  await client.publish({ audio: false, alias: 'screenshare' });
  const stream = await viewer.client.streamFrom(late.id);
  expect(stream.alias).toBe('screenshare');
  await viewer.client.decodes(stream.streamId, 20);
  await viewer.client.expectStory([`+${late.id}`]);
});
