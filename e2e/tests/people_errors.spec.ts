import { randomUUID } from 'node:crypto';
import { expect, test, type Stage } from '../lib/fixtures.js';
import type { Answer, JsapiDevice } from '../lib/jsapi_device.js';
import { People } from '../lib/people.js';
import type { Server } from '../lib/server.js';

/** Where the sender stands in the call, as the columns of jsapi 9.3. */
const kSituations = ['undecided', 'ignored', 'in, this leg', 'in, other leg', 'out', 'ended'] as const;
type Situation = (typeof kSituations)[number];

/** What becomes of a message: done; nothing, and it is well; or the error. */
type Fate = 'done' | 'no-op' | string;

const kVoice = { audio: true, video: false };
const kActiveOnly: Fate[] = ['wrong_state', 'wrong_state', 'done', 'not_active', 'wrong_state', 'call_ended'];

// Table 9.3, a column each of `kSituations`. Not who opened the call, B may not remove anybody.
const kTable: Record<string, { body?: object; fates: Fate[] }> = {
  'call.ringing': { fates: ['done', 'wrong_state', 'wrong_state', 'wrong_state', 'wrong_state', 'call_ended'] },
  'call.accept': {
    body: { media: kVoice },
    fates: ['done', 'done', 'no-op', 'already_accepted', 'done', 'call_ended'],
  },
  'call.reject': {
    body: { reason: 'declined' },
    fates: ['done', 'done', 'already_accepted', 'already_accepted', 'no-op', 'call_ended'],
  },
  'call.ignore': { fates: ['done', 'no-op', 'already_accepted', 'already_accepted', 'no-op', 'call_ended'] },
  'call.unavailable': { body: { reason: 'no_media' }, fates: ['done', 'no-op', 'no-op', 'no-op', 'no-op', 'no-op'] },
  'call.hangup': { fates: ['wrong_state', 'wrong_state', 'done', 'not_active', 'no-op', 'no-op'] },
  'call.activate': {
    body: { expect: 'somebody', media: kVoice },
    fates: ['wrong_state', 'wrong_state', 'no-op', 'conflict', 'wrong_state', 'call_ended'],
  },
  'call.hold': { fates: kActiveOnly },
  'call.resume': { fates: ['wrong_state', 'wrong_state', 'no-op', 'not_active', 'wrong_state', 'call_ended'] },
  'call.update': { body: { media: { audio: false, video: false } }, fates: kActiveOnly },
  'call.invite': { body: { profileIds: ['dan'] }, fates: kActiveOnly },
  'call.remove': {
    body: { profileId: 'cat' },
    fates: ['wrong_state', 'wrong_state', 'forbidden', 'not_active', 'wrong_state', 'call_ended'],
  },
  'call.pending': { fates: ['no-op', 'no-op', 'no-op', 'no-op', 'no-op', 'no-op'] },
};

class Table {
  private constructor(
    private readonly people: People,
    private readonly ann: JsapiDevice,
    private readonly bob: JsapiDevice,
    private readonly other: JsapiDevice,
  ) {}

  static async set(stage: Stage, server: Server): Promise<Table> {
    const device = (user: string) => stage.jsapiDevice(server, user);
    await stage.credentials(server, 'dan');
    const ann = await device('ann');
    const bob = await device('bob');
    const other = await device('bob');
    await device('cat');
    return new Table(new People(server), ann, bob, other);
  }

  /** Brings Bob into the situation in a call of Ann to him and Cat; says who asks, and about which call. */
  async bring(situation: Situation): Promise<{ callId: string; sender: JsapiDevice }> {
    const { ann, bob, other } = this;
    const callId = await opened(ann, ['bob', 'cat']);
    for (const one of [bob, other]) await one.hears('call.init', (body) => body.callId === callId);
    // The call has to outlive a rejection, and nobody's leg is to be busy in another.
    await done(other, 'call.ringing', { callId });
    if (situation === 'ignored') await done(other, 'call.ignore', { callId });
    if (situation === 'out') await done(other, 'call.reject', { callId, reason: 'declined' });
    if (situation.startsWith('in')) {
      const active = situation === 'in, this leg' ? bob : other;
      await done(active, 'call.accept', { callId, media: kVoice });
    }
    if (situation === 'ended') await done(ann, 'call.hangup', { callId });
    return { callId, sender: bob };
  }

  /** All that Ann and Bob can know of the call. */
  async picture(callId: string): Promise<string> {
    const views = [this.ann, this.bob].map(async (one) => {
      const before = one.heard.length;
      await done(one, 'call.sync', { callId, rev: 0 });
      const states = one.heard
        .slice(before)
        .filter(({ type, body }) => type === 'call.state' && body.callId === callId);
      return states.at(-1)!.body.call;
    });
    // How media are doing changes by itself.
    return JSON.stringify(await Promise.all(views), (key, value) =>
      ['mediaState', 'rev'].includes(key) ? null : value,
    );
  }

  async clear(callId: string): Promise<void> {
    if ((await this.people.calls()).some(({ id }) => id === callId)) await this.people.end(callId);
    for (const one of [this.ann, this.bob]) await one.hears('call.end', (body) => body.callId === callId);
  }
}

async function done(device: JsapiDevice, type: string, body: object): Promise<any> {
  const { result, error } = await device.ask(type, body);
  expect(error, `${device.user}: ${type}`).toBeUndefined();
  return result;
}

async function opened(device: JsapiDevice, to: string[]): Promise<string> {
  const init = { localId: randomUUID(), from: device.user, to, options: kVoice };
  return (await done(device, 'call.init', init)).callId;
}

const named = ({ error }: Answer) => error?.name ?? 'done';

test('9.3: every message in every situation gets its answer, and a refused one changes nothing', async ({ stage }) => {
  const often = { 'jsapi.calls_per_minute': '10000', 'jsapi.messages_per_second': '10000' };
  const table = await Table.set(stage, await stage.server({ set: often }));
  const wrong: string[] = [];
  for (const [type, { body, fates }] of Object.entries(kTable))
    for (const [column, situation] of kSituations.entries()) {
      const wanted = fates[column]!;
      const { callId, sender } = await table.bring(situation);
      const before = await table.picture(callId);
      const got = named(await sender.ask(type, { callId, ...body }));
      const changed = before !== (await table.picture(callId));
      const ok = ['done', 'no-op'].includes(wanted);
      if (got !== (ok ? 'done' : wanted)) wrong.push(`${type}, ${situation}: ${got}, not ${wanted}`);
      else if (changed && wanted !== 'done') wrong.push(`${type}, ${situation}: changed something`);
      await table.clear(callId);
    }
  expect(wrong).toEqual([]);
});

test('A50, SEC-2: a stranger who knows the id of a call learns as much as from one that is made up', async ({
  stage,
}) => {
  const server = await stage.server();
  const ann = await stage.jsapiDevice(server, 'ann');
  await stage.jsapiDevice(server, 'bob');
  const eve = await stage.jsapiDevice(server, 'eve');
  const callId = await opened(ann, ['bob']);
  const about = { ...kTable, 'call.sync': { body: { rev: 0 }, fates: [] } };
  for (const [type, { body }] of Object.entries(about)) {
    const real = await eve.ask(type, { callId, ...body });
    expect(real.error, type).toMatchObject({ name: 'not_found' });
    expect(await eve.ask(type, { callId: 'mAdEuP0000000000000000', ...body })).toEqual(real);
  }
  const history = (chainId: string) => eve.ask('chain.history', { profileId: 'eve', chainId, limit: 10 });
  expect(await history(callId)).toEqual(await history('mAdEuP0000000000000000'));
  const as = (from: string) => eve.ask('call.init', { localId: randomUUID(), from, to: ['bob'], options: kVoice });
  expect(named(await as('ann'))).toBe('forbidden_profile');
  expect(named(await eve.ask('text.add_message', text('ann', ['bob'])))).toBe('forbidden_profile');
  expect(eve.heard.filter(({ type }) => type.startsWith('call.') || type.startsWith('text.'))).toEqual([]);
  expect((await new People(server).calls()).length).toBe(1);
});

function text(sender: string, receivers: string[]): object {
  return { localId: randomUUID(), sender, receivers, content: { text: 'Hello' } };
}

test('CON-2: a token that allows less is refused the rest', async ({ stage }) => {
  const server = await stage.server();
  await stage.jsapiDevice(server, 'bob');
  const call = (from: string, to: string) => ({ localId: randomUUID(), from, to: [to], options: kVoice });
  const writer = await stage.jsapiDevice(server, 'ann', { scope: { text: true } });
  const caller = await stage.jsapiDevice(server, 'ann', { scope: { call: true } });
  expect(named(await writer.ask('call.init', call('ann', 'bob')))).toBe('forbidden');
  expect(named(await writer.ask('text.add_message', text('ann', ['bob'])))).toBe('done');
  expect(named(await caller.ask('text.add_message', text('ann', ['bob'])))).toBe('forbidden');
  expect(named(await caller.ask('call.init', call('ann', 'tel:+15551230100')))).toBe('pstn_forbidden');
  expect(named(await caller.ask('call.init', call('ann', 'bob')))).toBe('done');
  const nobody = await stage.jsapiDevice(server, 'cat', { profiles: ['kate'] });
  expect(named(await nobody.ask('call.init', call('cat', 'bob')))).toBe('forbidden_profile');
});

test('A62: who floods is told to wait, and what lives is untouched', async ({ stage }) => {
  const server = await stage.server();
  const ann = await stage.jsapiDevice(server, 'ann');
  const bob = await stage.jsapiDevice(server, 'bob');
  const callId = await opened(ann, ['bob']);
  await done(bob, 'call.accept', { callId, media: kVoice });
  const cat = await stage.jsapiDevice(server, 'cat');
  for (let count = 0; count < 20; count += 1) {
    const cancelled = await opened(cat, ['bob']);
    await done(cat, 'call.hangup', { callId: cancelled });
  }
  const init = { localId: randomUUID(), from: 'cat', to: ['bob'], options: kVoice };
  const { error } = await cat.ask('call.init', init);
  expect(error).toMatchObject({ name: 'rate_limited' });
  expect(error!.details.retryAfterMs).toBeGreaterThan(0);

  const eve = await stage.jsapiDevice(server, 'eve');
  const asked = Array.from({ length: 200 }, () => eve.say('profile.list', {}));
  const answers = (await Promise.all(asked.map((seq) => eve.answer(seq)))).map(named);
  expect(answers.slice(0, 50)).toEqual(Array(50).fill('done'));
  expect(answers).toContain('rate_limited');
  const live = (await new People(server).calls()).find(({ id }) => id === callId);
  expect(live?.participants.map(({ state }) => state)).toEqual(['active', 'active']);
});
