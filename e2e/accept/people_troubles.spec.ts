import { figure } from '../lib/figures.js';
import { expect, test, type Stage } from '../lib/fixtures.js';
import { People } from '../lib/people.js';
import type { Person } from '../lib/person.js';
import type { Server } from '../lib/server.js';

async function answered(caller: Person, callee: Person, options: object = { video: true }): Promise<string> {
  const call = await caller.call([callee.profile], options);
  await callee.hasNews('call:received', ({ args: [id] }) => id === call);
  await callee.does('accept', call, options);
  return call;
}

async function seeEachOther(call: string, one: Person, other: Person): Promise<void> {
  await Promise.all([one.decodes(call, other.profile), other.decodes(call, one.profile)]);
}

async function seconds(what: () => Promise<unknown>): Promise<number> {
  const start = Date.now();
  await what();
  return (Date.now() - start) / 1000;
}

async function annAndBob(stage: Stage, server: Server, websocketUrl?: string): Promise<[Person, Person]> {
  const ann = await stage.person(server, 'ann', 'ann', { websocketUrl });
  return [ann, await stage.person(server, 'bob', 'bob', { websocketUrl })];
}

test('A31: a second call is answered while the first is held, and the first goes on after it', async ({ stage }) => {
  const server = await stage.server();
  const [ann, bob] = await annAndBob(stage, server);
  const cat = await stage.person(server, 'cat', 'cat');
  const first = await answered(ann, bob);
  await seeEachOther(first, ann, bob);
  const second = await cat.call(['bob'], { audio: true });
  await bob.hasNews('call:received', ({ args: [id] }) => id === second);
  expect(await bob.tries('accept', second)).toEqual({ name: 'connection_busy', details: { callId: first } });
  const change = await seconds(async () => {
    await bob.does('accept', second, { holdOthers: true });
    await Promise.all([bob.hears(second, 'cat'), cat.hears(second, 'bob')]);
  });
  await ann.hasNews('call:hold', ({ args }) => args[1] === 'bob');
  await ann.seesNothingMore(first, 'bob');
  await cat.does('hangup', second);
  await bob.hasNews('call:end', ({ args: [id] }) => id === second);
  const back = await seconds(async () => {
    await bob.does('resume', first);
    await Promise.all([seeEachOther(first, ann, bob), ann.hears(first, 'bob')]);
  });
  figure('first call held, second heard: seconds', change, '<= 5');
  figure('first call resumed, seen and heard: seconds', back, '<= 5');
  expect(Math.max(change, back)).toBeLessThanOrEqual(5);
});

test('A32: who answers without devices receives, and publishes nothing', async ({ stage }) => {
  const [ann, bob] = await annAndBob(stage, await stage.server());
  const call = await ann.call(['bob']);
  await bob.isCalled();
  const taken = await seconds(async () => {
    await bob.does('accept', call, { audio: false, video: false });
    await Promise.all([bob.decodes(call, 'ann'), bob.hears(call, 'ann')]);
  });
  figure('answered without devices, a second of the other: seconds', taken, '<= 5');
  expect(taken).toBeLessThanOrEqual(5);
  const { participants } = await ann.sees(call);
  expect(participants.bob).toMatchObject({ state: 'active', media: { audio: false, video: false } });
  expect(participants.bob!.stream).toBeUndefined();
  await ann.seesThat('both are connected', call, ({ participants: { ann: me, bob: other } }) => {
    return me!.mediaState === 'connected' && other!.mediaState === 'connected';
  });
});

test('A33: signalling that breaks off and comes back stops nothing', async ({ stage }) => {
  const server = await stage.server();
  const proxy = await stage.wsProxy(server);
  const ann = await stage.person(server, 'ann', 'ann');
  const bob = await stage.person(server, 'bob', 'bob', { websocketUrl: proxy.websocketUrl });
  const call = await answered(ann, bob);
  await seeEachOther(call, ann, bob);
  await ann.resetGaps();
  proxy.cut();
  await ann.hasNews('call:reconnecting', ({ args }) => args[1] === 'bob');
  await seeEachOther(call, ann, bob);
  const { longestGapMs } = (await ann.framesOf(call, 'bob'))!;
  figure('signalling of one cut: longest time without a frame of it, ms', longestGapMs, '<= 500');
  expect(longestGapMs).toBeLessThanOrEqual(500);
  // What is asked meanwhile is done later.
  const held = bob.does('hold', call);
  proxy.mend();
  await ann.hasNews('call:reconnected', ({ args }) => args[1] === 'bob');
  await held;
  await ann.hasNews('call:hold');
  await bob.does('resume', call);
  await seeEachOther(call, ann, bob);
  expect((await bob.messages('toClient', 'call.media')).length).toBe(1);
  const gone = (await ann.story(call)).filter((news) => /^(hangup|dropped|end)/.test(news));
  expect(gone).toEqual([]);
});

test('A39: another device goes on where one was destroyed', async ({ stage }) => {
  const server = await stage.server();
  const [ann, bob] = await annAndBob(stage, server);
  const tablet = await stage.person(server, 'tablet', 'ann', { apart: true });
  const call = await answered(ann, bob);
  await seeEachOther(call, ann, bob);
  await ann.vanish();
  const taken = await seconds(async () => {
    await tablet.does('activate', call);
    await seeEachOther(call, tablet, bob);
  });
  figure('device destroyed, another goes on: seconds until a second is seen', taken, '<= 5');
  expect(taken).toBeLessThanOrEqual(5);
  expect((await bob.story(call)).filter((news) => /^(hangup|dropped|end)/.test(news))).toEqual([]);
  await tablet.does('hangup', call);
  await bob.hasNews('call:end', ({ args }) => args[1] === 'hangup');
});

test('A57: a call whose media never connect ends', async ({ stage }) => {
  const quick = { 'jsapi.media_timeout': '5s', 'jsapi.media_retry_max': '1' };
  const { server, relay } = await stage.serverBehindRelay(3, { set: quick });
  const [ann, bob] = await annAndBob(stage, server);
  relay.cut();
  const call = await answered(ann, bob);
  const over = ({ state }: { state: string }) => state === 'ended';
  const taken = await seconds(() => Promise.all([ann, bob].map((one) => one.seesThat('it is over', call, over))));
  figure('media never connect, two attempts of 5 s: seconds to the end', taken, '<= 11');
  expect(taken).toBeLessThanOrEqual(11);
  for (const one of [ann, bob]) expect((await one.sees(call)).endReason).toBe('media_failed');
  expect((await bob.messages('toClient', 'call.media')).length).toBe(2);
});

test('A61: who is shut out is out at once', async ({ stage }) => {
  const server = await stage.server();
  const [ann, bob] = await annAndBob(stage, server);
  const call = await answered(ann, bob, { audio: true });
  await Promise.all([ann.hears(call, 'bob'), bob.hears(call, 'ann')]);
  const taken = await seconds(async () => {
    await new People(server).revoke('bob');
    await ann.hasNews('call:dropped', ({ args }) => args[1] === 'bob');
  });
  figure('a user is shut out: seconds until the other is told', taken, '<= 1');
  expect(taken).toBeLessThanOrEqual(1);
  await ann.seesThat('it is over', call, ({ endReason }) => endReason === 'lost');
  await bob.hasNews('disconnected', ({ args }) => args[0] === 'unauthenticated');
});
