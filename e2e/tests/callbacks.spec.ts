import { expect, test } from '../lib/fixtures.js';
import { connectAndLeave, story } from '../lib/presence.js';
import { Room } from '../lib/rest.js';
import { until } from '../lib/until.js';

test('a device that connects and leaves is reported', async ({ stage }) => {
  const server = await stage.server();
  const callbacks = await stage.callbacks();
  await callbacks.listen();
  const room = await Room.create(server);
  const tagged = await room.participant({ callbackUrl: callbacks.url, tag: 'tagged' });
  const plain = await room.participant({ callbackUrl: callbacks.url });
  for (const member of [tagged, plain]) await connectAndLeave(server.websocketUrl, member.token);

  for (const member of [tagged, plain])
    await until('onConnect and onLeave', 10, () => story(callbacks, member.id).includes('onLeave'));
  expect(story(callbacks, tagged.id).slice(0, 2)).toEqual(['onConnect', 'onLeave']);
  const [first] = callbacks.events.filter((event) => event.participantId === tagged.id);
  expect(first).toMatchObject({ participantId: tagged.id, tag: 'tagged' });
  expect(first!.timestamp).toMatch(/^\d{13}$/);
  expect(Math.abs(Number(first!.timestamp) - Date.now())).toBeLessThan(60_000);
  expect(first!.deviceId).toMatch(/^[0-9a-f-]{36}$/);
  const [other] = callbacks.events.filter((event) => event.participantId === plain.id);
  expect('tag' in other!).toBe(false);
  expect([...callbacks.contentTypes].join()).toContain('application/json');
});

test('nothing is lost while the receiver is dead and the server restarts', async ({ stage }) => {
  test.setTimeout(120_000);
  const server = await stage.server();
  const callbacks = await stage.callbacks();
  const room = await Room.create(server);
  const members = [
    await room.participant({ callbackUrl: callbacks.url, tag: 'one' }),
    await room.participant({ callbackUrl: callbacks.url, tag: 'two' }),
  ];
  for (let round = 0; round < 3; round += 1)
    for (const member of members) await connectAndLeave(server.websocketUrl, member.token);

  await server.kill();
  await server.run();
  for (const member of members) await connectAndLeave(server.websocketUrl, member.token);
  await callbacks.listen();

  for (const member of members) {
    const connectsAndLeaves = () => story(callbacks, member.id).filter((event) => event !== 'onDisconnect');
    await until('every event', 60, () => connectsAndLeaves().length >= 8);
    expect(connectsAndLeaves()).toEqual(Array(4).fill(['onConnect', 'onLeave']).flat());
    const times = callbacks.events.filter((e) => e.participantId === member.id).map((e) => Number(e.timestamp));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
});

test('a receiver in trouble is asked again, one that refuses is not', async ({ stage }) => {
  const server = await stage.server();
  const callbacks = await stage.callbacks();
  callbacks.answerWith(503);
  await callbacks.listen();
  const room = await Room.create(server);
  const patient = await room.participant({ callbackUrl: callbacks.url, tag: 'patient' });
  await connectAndLeave(server.websocketUrl, patient.token);
  await until('two attempts', 20, () => callbacks.refused >= 2);
  callbacks.answerWith(200);
  await until('both events', 20, () => story(callbacks, patient.id).includes('onLeave'));
  expect(story(callbacks, patient.id).slice(0, 2)).toEqual(['onConnect', 'onLeave']);

  callbacks.answerWith(410);
  const refusedBefore = callbacks.refused;
  const refused = await room.participant({ callbackUrl: callbacks.url, tag: 'refused' });
  await connectAndLeave(server.websocketUrl, refused.token);
  await until('both are turned away', 20, () => callbacks.refused >= refusedBefore + 2);
  callbacks.answerWith(200);
  await connectAndLeave(server.websocketUrl, patient.token);
  await until('the next events', 20, () => story(callbacks, patient.id).filter((e) => e === 'onLeave').length === 2);
  expect(story(callbacks, refused.id)).toEqual([]);
});
