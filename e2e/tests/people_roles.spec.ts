import { expect, test, type Stage } from '../lib/fixtures.js';
import type { Person } from '../lib/person.js';
import { ACCOUNT, nodeSdk } from '../lib/rest.js';
import type { Server } from '../lib/server.js';

interface Devices {
  c1: Person;
  c2: Person;
  c3: Person;
  c4: Person;
}

/** The seed's example: A on c1 and c2, B on c3 and c4. */
async function devices(stage: Stage, server: Server): Promise<Devices> {
  const c1 = await stage.person(server, 'c1', 'a');
  const c2 = await stage.person(server, 'c2', 'a');
  const c3 = await stage.person(server, 'c3', 'b');
  const c4 = await stage.person(server, 'c4', 'b');
  return { c1, c2, c3, c4 };
}

/** Waits until B's two devices ring, as all see. */
async function ring({ c1, c2, c3, c4 }: Devices, callId: string): Promise<void> {
  const ringing = [c3.connectionId, c4.connectionId].sort();
  for (const device of [c1, c2, c3, c4])
    await device.seesThat('both ring', callId, ({ state, participants }) => {
      const shown = [...participants.b!.ringingConnectionIds].sort();
      return state === 'ringing' && String(shown) === String(ringing);
    });
}

test('A8, A9, A10: roles, silence, one pending, ringing told to all, media on the two active ones', async ({
  stage,
}) => {
  const server = await stage.server();
  const all = await devices(stage, server);
  const { c1, c2, c3, c4 } = all;
  const call = await c1.call(['b']);
  await ring(all, call);
  await c2.seesThat('it is pending', call, ({ connectionState }) => connectionState === 'pending');

  const roles = async () => Promise.all([c1, c2, c3, c4].map(async (one) => (await one.sees(call)).role));
  expect(await roles()).toEqual(['active initiator', 'passive initiator', 'receiver', 'receiver']);
  const said = async (side: 'fromClient' | 'toClient', type: string) =>
    Promise.all([c1, c2, c3, c4].map(async (one) => (await one.messages(side, type)).length));
  expect(await said('fromClient', 'call.init')).toEqual([1, 0, 0, 0]);
  expect(await said('fromClient', 'call.pending')).toEqual([0, 1, 0, 0]);
  expect(await said('toClient', 'call.pending')).toEqual([1, 1, 0, 0]);
  expect(await said('fromClient', 'call.ringing')).toEqual([0, 0, 1, 1]);
  expect(await said('toClient', 'call.ringing')).toEqual([2, 2, 2, 2]);
  const rings = [c3, c4].map(({ connectionId }) => `ringing b ${connectionId}`).sort();
  for (const device of [c1, c2]) expect((await device.story(call)).sort()).toEqual(rings);
  for (const device of [c3, c4]) {
    const { at } = await device.hasNews('call:received');
    const [sent] = await device.messages('fromClient', 'call.ringing');
    expect(sent!.at).toBeLessThanOrEqual(at);
    expect((await device.story(call)).sort()).toEqual(['received', ...rings]);
  }

  await c3.does('accept', call);
  for (const device of [c1, c2, c4]) await device.hasNews('call:accepted');
  expect(await roles()).toEqual(['active initiator', 'passive initiator', 'active receiver', 'passive receiver']);
  await Promise.all([c1.decodes(call, 'b'), c3.decodes(call, 'a'), c1.hears(call, 'b'), c3.hears(call, 'a')]);
  for (const device of [c1, c2, c3, c4]) {
    expect(await device.callObjects()).toBe(1);
    expect((await device.story(call)).filter((news) => news.startsWith('accepted'))).toEqual([
      `accepted b ${c3.connectionId}`,
    ]);
    await device.seesThat('media flow', call, ({ participants }) =>
      Object.values(participants).every(({ state, mediaState }) => `${state} ${mediaState}` === 'active connected'),
    );
  }

  expect(await said('toClient', 'call.media')).toEqual([1, 0, 1, 0]);
  const issued = await Promise.all(
    [c1, c3].map(async (one) => (await one.messages('toClient', 'call.media'))[0]!.body),
  );
  const secrets = issued.flatMap(({ sessionId, participantId, deviceToken }) => [
    sessionId,
    participantId,
    deviceToken,
  ]);
  expect(new Set(secrets).size).toBe(5);
  for (const passive of [c2, c4]) {
    const heard = (await passive.frames()).map(({ text }) => text).join('\n');
    for (const secret of secrets) expect(heard).not.toContain(secret);
    expect(await passive.peers()).toBe(0);
    expect((await passive.frames()).filter(({ url }) => !url.includes('/jsapi/'))).toEqual([]);
  }
  const { result } = await nodeSdk(server).listSessionParticipants(ACCOUNT, issued[0]!.sessionId);
  expect(result.length).toBe(2);

  await c1.does('hangup', call);
  for (const device of [c1, c2, c3, c4]) {
    await device.hasNews('call:end', ({ args }) => args[1] === 'hangup');
    expect((await device.sees(call)).state).toBe('ended');
    expect((await device.news()).filter(({ name }) => name === 'call:missed')).toEqual([]);
  }
});

test('A11: of two devices that answer at once one is in, and the other learns who', async ({ stage }) => {
  const server = await stage.server();
  const all = await devices(stage, server);
  const { c1, c3, c4 } = all;
  const call = await c1.call(['b'], { audio: true });
  await ring(all, call);
  const outcomes = await Promise.all([c3.tries('accept', call), c4.tries('accept', call)]);
  const [winner, loser] = outcomes[0] ? [c4, c3] : [c3, c4];
  expect(outcomes.filter(Boolean)).toEqual([
    { name: 'already_accepted', details: { connectionId: winner.connectionId } },
  ]);
  await Promise.all([c1.hears(call, 'b'), winner.hears(call, 'a')]);
  await loser.seesThat('it is passive', call, ({ role }) => role === 'passive receiver');
  expect((await loser.sees(call)).participants.b!.stream).toBeUndefined();
  expect(await loser.peers()).toBe(0);
  // A13: nothing that the other device does touches the answered call.
  for (const act of ['reject', 'ignore', 'hangup'] as const) expect(await loser.tries(act, call)).toBeDefined();
  await winner.hears(call, 'a');
});

test('A54: the active role moves to another device, and nobody leaves', async ({ stage }) => {
  const server = await stage.server();
  const { c1, c2, c3 } = await devices(stage, server);
  const call = await c1.call(['b']);
  await c3.isCalled();
  await c3.does('accept', call);
  await Promise.all([c1.decodes(call, 'b'), c3.decodes(call, 'a')]);

  await c2.does('activate', call);
  await c1.seesThat('it is passive', call, ({ role, participants }) => {
    return role === 'passive initiator' && !participants.a!.stream && !participants.b!.stream;
  });
  expect((await c2.sees(call)).role).toBe('active initiator');
  await c3.hasNews('call:activated', ({ args }) => args[1] === 'a' && args[2] === c2.connectionId);
  await Promise.all([c2.decodes(call, 'b'), c2.hears(call, 'b'), c3.decodes(call, 'a'), c3.hears(call, 'a')]);
  const gone = ['hangup', 'reconnecting', 'dropped', 'end'];
  expect((await c3.story(call)).filter((news) => gone.includes(news.split(' ')[0]!))).toEqual([]);
  await c2.does('hangup', call);
  await c1.hasNews('call:end');
});
