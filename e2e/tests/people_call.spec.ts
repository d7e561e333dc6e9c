import { expect, test, type Stage } from '../lib/fixtures.js';
import type { Person } from '../lib/person.js';
import { Client } from '../lib/client.js';
import { People } from '../lib/people.js';
import { Room } from '../lib/rest.js';
import type { Server } from '../lib/server.js';
import { until } from '../lib/until.js';

const kVoice = { audio: true, video: false };

/** Ann and Bob in a call. */
async function talk(stage: Stage, server: Server, options: { audio?: boolean; video: boolean } = { video: true }) {
  const ann = await stage.person(server, 'ann', 'ann');
  const bob = await stage.person(server, 'bob', 'bob');
  const call = await ann.call(['bob'], options);
  await bob.isCalled();
  await bob.does('accept', call);
  if (options.video) await seeEachOther(call, ann, bob);
  else await Promise.all([ann.hears(call, 'bob'), bob.hears(call, 'ann')]);
  return { ann, bob, call };
}

async function seeEachOther(call: string, ...people: Person[]): Promise<void> {
  const ways = people.flatMap((one) => people.filter((other) => other !== one).map((other) => [one, other] as const));
  await Promise.all(ways.map(([one, other]) => one.decodes(call, other.profile)));
}

test('what is held stops, and goes on', async ({ stage }) => {
  const { ann, bob, call } = await talk(stage, await stage.server());
  await bob.does('hold', call);
  await ann.hasNews('call:hold', ({ args }) => args[1] === 'bob');
  await Promise.all([ann.seesNothingMore(call, 'bob'), bob.seesNothingMore(call, 'ann')]);
  // Only who holds can end it.
  await ann.does('resume', call);
  expect((await ann.sees(call)).participants.bob!.held).toBe(true);
  await bob.does('resume', call);
  await ann.hasNews('call:resumed', ({ args }) => args[1] === 'bob');
  await Promise.all([seeEachOther(call, ann, bob), ann.hears(call, 'bob'), bob.hears(call, 'ann')]);
  expect((await ann.sees(call)).participants.bob).toMatchObject({ held: false, state: 'active' });
});

test('a voice call becomes a video call, of one side and then of both', async ({ stage }) => {
  const { ann, bob, call } = await talk(stage, await stage.server(), kVoice);
  await bob.does('update', call, { video: true });
  await ann.hasNews('call:updated');
  await ann.decodes(call, 'bob');
  await ann.seesThat('only Bob shows video', call, ({ options, participants: { ann: me, bob: other } }) => {
    return options.video && other!.media.video && !me!.media.video && String(me!.stream) === 'audio';
  });
  await ann.does('update', call, { video: true });
  await Promise.all([seeEachOther(call, ann, bob), bob.hears(call, 'ann')]);
  await bob.does('update', call, { video: false });
  await ann.seesThat('Bob has no video', call, ({ participants: { bob: other } }) => String(other!.stream) === 'audio');
  await ann.hears(call, 'bob');
});

test('A38: who reloads the page is in the same call, as the same connection', async ({ stage }) => {
  const server = await stage.server();
  const { ann, bob, call } = await talk(stage, server);
  const { connectionId } = ann;
  await ann.reload(await stage.credentials(server, 'ann'));
  expect(ann.connectionId).toBe(connectionId);
  await ann.seesThat('she is in', call, ({ role, state }) => role === 'active initiator' && state === 'active');
  await Promise.all([seeEachOther(call, ann, bob), ann.hears(call, 'bob'), bob.hears(call, 'ann')]);
  const rest = (await bob.story(call)).filter((news) => !/^(received|ringing|accepted|updated)/.test(news));
  expect(rest.filter((news) => !/^reconnect(ing|ed) ann/.test(news))).toEqual([]);
  await ann.does('hangup', call);
  await bob.hasNews('call:end');
});

test('A47, A53: three people, of whom one leaves and then another', async ({ stage }) => {
  const server = await stage.server();
  const { ann, bob, call } = await talk(stage, server);
  const cat = await stage.person(server, 'cat', 'cat');
  await ann.does('invite', call, 'cat');
  expect(await cat.isCalled()).toBe(call);
  await bob.hasNews('call:invited');
  await cat.does('accept', call);
  await seeEachOther(call, ann, bob, cat);
  await Promise.all([ann.hears(call, 'cat'), bob.hears(call, 'cat'), cat.hears(call, 'ann'), cat.hears(call, 'bob')]);
  await ann.does('hangup', call);
  await bob.hasNews('call:hangup', ({ args }) => args[1] === 'ann');
  await seeEachOther(call, bob, cat);
  expect((await ann.sees(call)).state).toBe('active');
  await cat.does('hangup', call);
  for (const one of [ann, bob, cat]) await one.seesThat('it is over', call, ({ state }) => state === 'ended');
});

test('A17, A18: calls that cross become one, in which nobody shows more than both asked for', async ({ stage }) => {
  const server = await stage.server();
  const ann = await stage.person(server, 'ann', 'ann');
  const bob = await stage.person(server, 'bob', 'bob');
  await Promise.all([ann.call(['bob'], kVoice), bob.call(['ann'], { video: true })]);
  const { id: call } = await until('there is one call', 10, async () => {
    const [first, ...others] = await new People(server).calls();
    return first?.state === 'active' && others.length === 0 && first;
  });
  await Promise.all([ann.hears(call, 'bob'), bob.hears(call, 'ann')]);
  for (const one of [ann, bob]) {
    await one.seesThat('there is no picture', call, ({ role, participants }) => {
      const streams = Object.values(participants).map(({ stream }) => String(stream));
      return role.startsWith('active') && String(streams) === 'audio,audio';
    });
    expect((await one.news()).filter(({ name }) => name === 'call:missed')).toEqual([]);
  }
  await ann.does('update', call, { video: true });
  await bob.decodes(call, 'ann');
});

test('calls and sessions in one page', async ({ stage }) => {
  const server = await stage.server();
  const { ann, bob, call } = await talk(stage, server);
  const room = await Room.create(server);
  const dan = await stage.join(server, room, 'dan', { sdk: 'crosspoint' });
  const member = await room.participant({ tag: 'ann' });
  await room.add(member);
  const beside = Client.on(ann.page, 'ann in the room');
  await beside.connect(member.token, server.websocketUrl);
  await beside.publish();
  await dan.client.publish();
  const { streamId: atDan } = await dan.client.streamFrom(member.id);
  const { streamId: atAnn } = await beside.streamFrom(dan.member.id);
  await Promise.all([dan.client.decodes(atDan, 20), beside.decodes(atAnn, 20), seeEachOther(call, ann, bob)]);
  await ann.does('hangup', call);
  await bob.hasNews('call:end');
  await Promise.all([dan.client.decodes(atDan, 20), beside.decodes(atAnn, 20), beside.hears(atAnn)]);
  await beside.disconnect();
});
