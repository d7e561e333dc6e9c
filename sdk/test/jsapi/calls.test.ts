import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { outcome } from '../fake_server.js';
import { head } from './call_fixtures.js';
import { echo, incoming, invite, kMedia, kOptions, opened } from './call_scene.js';
import { connected, settle, watch } from './fake_jsapi_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('openCall (7.1)', () => {
  it('A2: returns at once an opening call, sends one `call.init`, and binds the echo', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    const call = jsapi.openCall('a', ['b'], null, kOptions);
    expect([call.state, call.id, call.role, call.connectionState]).toEqual([
      ...['opening', undefined, 'active initiator', 'active'],
    ]);
    expect(jsapi.calls).toEqual([call]);
    expect(server.heard('call.init')).toEqual([
      { localId: call.localId, from: 'a', to: ['b'], options: { audio: true, video: true } },
    ]);
    echo(server);
    expect(await call.ready).toBe(call);
    expect([call.id, call.chainId, call.state, call.rev]).toEqual(['m7', 'm7', 'init', 1]);
    expect([jsapi.calls, jsapi.getCall('m7'), lines]).toEqual([[call], call, []]);
  });

  it('A3: one receiver needs no array, several are sent once each', async () => {
    const { jsapi, server } = await connected();
    jsapi.openCall('a', 'b');
    jsapi.openCall('a', ['b', 'c', 'b']);
    expect(server.heard('call.init').map(({ to }) => to)).toEqual([['b'], ['b', 'c']]);
  });

  it('OPEN-4: `null`, `undefined` and `false` are no chain', async () => {
    const { jsapi, server } = await connected();
    for (const none of [null, undefined, false] as const) jsapi.openCall('a', 'b', none);
    jsapi.openCall('a', 'b', 'k1');
    expect(server.heard('call.init').map(({ chainId }) => chainId)).toEqual([undefined, undefined, undefined, 'k1']);
  });

  it('OPEN-5: audio without video unless told otherwise, and the further options', async () => {
    const { jsapi, server } = await connected();
    jsapi.openCall('a', 'b');
    jsapi.openCall('a', 'b', 'k1', { video: true, replace: true, holdOthers: true, ringTimeoutMs: 20_000 });
    const [plain, all] = server.heard('call.init');
    expect(plain).toEqual({
      localId: expect.any(String),
      from: 'a',
      to: ['b'],
      options: { audio: true, video: false },
    });
    expect(all).toMatchObject({ options: kMedia, replace: true, holdOthers: true, ringTimeoutMs: 20_000 });
  });

  it('OPEN-5: with `immediate: false` nothing is sent before `init()`', async () => {
    const { jsapi, server } = await connected();
    const call = jsapi.openCall('a', 'b', null, { immediate: false });
    expect([call.state, server.heard('call.init'), jsapi.calls]).toEqual(['opening', [], []]);
    const done = outcome(call.init());
    expect(server.heard('call.init')).toHaveLength(1);
    echo(server);
    await settle();
    expect([done.settled, call.state]).toEqual([true, 'init']);
  });

  it('OPEN-7: one object says the same', async () => {
    const { jsapi, server } = await connected();
    jsapi.openCall({ from: 'a', to: 'b', chainId: 'k1', settings: { video: true } });
    const idle = jsapi.openCall({ from: 'a', to: ['b'], immediate: false });
    expect(server.heard('call.init')).toMatchObject([{ from: 'a', to: ['b'], chainId: 'k1', options: kMedia }]);
    expect(idle.options).toEqual({ audio: true, video: false });
  });

  it.each([
    ['A3: no receiver', ['a', []], 'bad_argument'],
    ['a receiver that is no id', ['a', ['']], 'bad_argument'],
    ['no initiator', ['', 'b'], 'bad_argument'],
    ['OPEN-5: neither audio nor video', ['a', 'b', null, { audio: false, video: false }], 'bad_argument'],
    ['A62: the own profile', ['a', 'a'], 'self_call'],
    ['OPEN-3: another own profile', ['a', ['b', 'a2']], 'self_call'],
    ['A50: somebody else’s profile', ['b', 'c'], 'forbidden_profile'],
  ])('throws before anything is sent: %s', async (_, args, name) => {
    const { jsapi, server } = await connected();
    const open = jsapi.openCall.bind(jsapi) as (...all: unknown[]) => unknown;
    expect(() => open(...args)).toThrow(expect.objectContaining({ name }));
    expect(() => open(...args)).toThrow(jsapi.Error);
    expect([server.heard('call.init'), jsapi.calls]).toEqual([[], []]);
  });

  it('OPEN-6: a refusal ends the object as failed, and tells of it', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    server.answers['call.init'] = { error: [4093, 'chain_busy', { callId: 'm1' }] };
    const call = jsapi.openCall('a', 'b', 'k1');
    const error = await call.ready.catch((refused: unknown) => refused);
    expect(error).toMatchObject({ name: 'chain_busy', code: 4093, details: { callId: 'm1' } });
    expect(call).toMatchObject({ error, state: 'ended', endReason: 'failed' });
    expect(lines).toEqual([`call:failed ${call.localId} chain_busy`, `call:end ${call.localId} failed`]);
    expect(jsapi.calls).toEqual([]);
  });

  it('SEQ-9: is dropped after 10 s without a connection, and rings nobody later', async () => {
    const { jsapi, server } = await connected();
    server.up = false;
    server.socket.end(1006);
    const call = jsapi.openCall('a', 'b');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(call).toMatchObject({ state: 'ended', error: { name: 'not_connected' } });
    server.up = true;
    server.resumes();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([jsapi.state, server.heard('call.init')]).toEqual(['connected', []]);
  });

  it('hangup() before it was sent takes it back; after that, waits for its id', async () => {
    const { jsapi, server } = await connected();
    const sent = jsapi.openCall('a', 'b');
    const hungUp = sent.hangup();
    expect(server.heard('call.hangup')).toEqual([]);
    echo(server);
    await hungUp;
    await settle();
    expect(server.heard('call.hangup')).toEqual([{ callId: 'm7', connectionId: 'c1' }]);
    server.up = false;
    server.socket.end(1006);
    const early = jsapi.openCall('a', 'c');
    await early.hangup();
    expect(early).toMatchObject({ state: 'ended', endReason: 'cancelled' });
    server.up = true;
    server.resumes();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.heard('call.init')).toHaveLength(1);
  });
});

describe('methods (7.3)', () => {
  async function ringing() {
    const all = await connected();
    for (const type of ['accept', 'reject', 'ignore', 'unavailable', 'hangup', 'hold', 'resume', 'invite', 'remove']) {
      all.server.answers[`call.${type}`] = {};
    }
    invite(all.server);
    return { ...all, call: all.jsapi.getCall('m7')! };
  }

  it('say what 8.1 says', async () => {
    const { server, call } = await ringing();
    await call.reject();
    await call.reject('busy');
    await call.ignore();
    await call.unavailable('unsupported');
    await call.hold();
    await call.resume({ holdOthers: true });
    await call.invite('c');
    await call.invite(['c', 'd']);
    await call.remove('c');
    await call.participants[0]!.remove();
    const said = server.said.filter(({ type }) => /^call\.(?!ringing)/.test(type));
    expect(said.map(({ type, body: { callId: _, ...rest } }) => [type, rest])).toEqual([
      ['call.reject', { reason: 'declined' }],
      ['call.reject', { reason: 'busy' }],
      ['call.ignore', {}],
      ['call.unavailable', { reason: 'unsupported' }],
      ['call.hold', {}],
      ['call.resume', { holdOthers: true }],
      ['call.invite', { profileIds: ['c'] }],
      ['call.invite', { profileIds: ['c', 'd'] }],
      ['call.remove', { profileId: 'c' }],
      ['call.remove', { profileId: 'b' }],
    ]);
  });

  it('hangup() of an undecided receiver declines', async () => {
    const { server, call } = await ringing();
    await call.hangup();
    expect([server.heard('call.reject').length, server.heard('call.hangup')]).toEqual([1, []]);
  });

  it('A32: unavailable() parks this device without a word to others', async () => {
    const { server, call } = await ringing();
    server.tell('call.ringing', { ...head(2), profileId: 'a', connectionId: 'c1' });
    await call.unavailable('no_media');
    expect([call.connectionState, call.role]).toEqual(['passive', 'receiver']);
  });

  it('A11: settle with the reply, and an error that is news changes nothing else', async () => {
    const { jsapi, server, call } = await ringing();
    const lines = watch(jsapi);
    server.answers['call.accept'] = () => {
      server.tell('call.accept', { ...head(2), profileId: 'a', connectionId: 'c2', media: kMedia });
      return { error: [4091, 'already_accepted', { connectionId: 'c2' }] };
    };
    await expect(call.accept()).rejects.toMatchObject({ name: 'already_accepted', details: { connectionId: 'c2' } });
    expect(lines).toEqual(['call:accepted m7 a c2']);
    expect([call.role, call.pendingAction, server.heard('call.sync')]).toEqual(['passive receiver', undefined, []]);
  });

  it('A14: an error that tells what no message has told asks for the state', async () => {
    const { server, call } = await ringing();
    server.answers['call.accept'] = { error: [4092, 'call_ended', { endReason: 'cancelled' }] };
    await expect(call.accept()).rejects.toMatchObject({ name: 'call_ended' });
    expect(server.heard('call.sync')).toEqual([{ callId: 'm7', rev: 1 }]);
  });

  it('A54: activate() names the active connection that is known', async () => {
    const { server, call } = await ringing();
    server.tell('call.accept', { ...head(2), profileId: 'a', connectionId: 'c2', media: kMedia });
    server.answers['call.activate'] = () => {
      server.tell('call.activate', { ...head(3), profileId: 'a', connectionId: 'c1', from: 'c2' });
      return {};
    };
    const done = call.activate({ video: false });
    expect(call.pendingAction).toBe('activate');
    await done;
    expect(server.heard('call.activate')).toEqual([
      { callId: 'm7', expect: 'c2', media: { audio: true, video: false } },
    ]);
    expect([call.role, call.activeConnectionId, call.pendingAction]).toEqual(['active receiver', 'c1', undefined]);
  });

  it('SEQ-9: accept() offline is dropped after 10 s', async () => {
    const { server, call } = await ringing();
    server.up = false;
    server.socket.end(1006);
    const done = outcome(call.accept());
    await vi.advanceTimersByTimeAsync(10_100);
    expect(done.error).toMatchObject({ name: 'not_connected' });
  });

  it('disconnect() hangs up where this connection is active, then says goodbye', async () => {
    const { jsapi, server, call } = await opened();
    invite(server, incoming({ id: 'm8', chainId: 'm8' }));
    await jsapi.disconnect();
    expect(server.said.slice(-2).map(({ type, body }) => [type, body.callId])).toEqual([
      ['call.hangup', 'm7'],
      ['bye', undefined],
    ]);
    expect([call.state, jsapi.calls, vi.getTimerCount()]).toEqual(['ended', [], 0]);
    expect([call.endReason, call.role]).toEqual(['hangup', 'active initiator']);
  });
});

describe('leaks', () => {
  it('a hundred calls leave no call, listener, timer or message behind', async () => {
    const { jsapi, server, browser } = await connected();
    const before = [jsapi.count(), browser.listenerCount, vi.getTimerCount()];
    for (let count = 0; count < 100; ++count) {
      invite(server, incoming({ id: `m${count}`, chainId: `m${count}` }));
      server.answer('call.ringing', {});
      server.tell('call.end', { ...head(2, 1, `m${count}`), endReason: 'cancelled' });
    }
    await settle();
    expect([jsapi.count(), browser.listenerCount, vi.getTimerCount()]).toEqual(before);
    expect([jsapi.calls, jsapi.getCall('m1')]).toEqual([[], undefined]);
    expect([...browser.storage.items.values()].join()).not.toContain('"m');
  });
});
