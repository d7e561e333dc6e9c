import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallView } from '../../src/jsapi/messages.js';
import type { OpenCallOptions } from '../../src/jsapi/options.js';
import { outcome } from '../fake_server.js';
import { head, initiator, legs, person, view } from './call_fixtures.js';
import { connected, settle, stage, watch, type FakeJsapiServer } from './fake_jsapi_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const kMedia = { audio: true, video: true };
const kOptions = { audio: true, video: true };

/** `b` calls this user, `a`. */
function incoming(changes: Partial<CallView> = {}): CallView {
  const from = person('b', { role: 'initiator', state: 'active', activeConnectionId: 'c3' });
  return view({ from: 'b', to: ['a'], connectionId: 'c3', participants: [from, person('a')], ...changes });
}

function invite(server: FakeJsapiServer, call = incoming(), more: object = {}): void {
  const body = {
    ...head(call.rev, 0, call.id),
    call,
    receiver: 'a',
    connectionId: call.connectionId,
    expiresInMs: 45_000,
  };
  server.tell('call.init', { ...body, ...more });
}

/** Opens a call and lets the server take it, in the order of 8.3: its `call.init`, then the reply. */
async function opened(changes: Partial<CallView> = {}, options: OpenCallOptions = kOptions) {
  const all = await connected();
  const call = all.jsapi.openCall('a', 'b', null, options);
  echo(all.server, changes);
  await settle();
  return { ...all, call };
}

function echo(server: FakeJsapiServer, changes: Partial<CallView> = {}): void {
  const { localId } = server.heard('call.init').at(-1);
  const call = view(changes);
  server.tell('call.init', { ...head(call.rev, 0, call.id), call, connectionId: 'c1', localId, receiver: 'a' });
  server.answer('call.init', { callId: call.id, chainId: call.chainId });
}

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

describe('receiving (7.5)', () => {
  it('A9: `call.ringing` is sent before `call:received` is emitted, and nobody waits for the reply', async () => {
    const { jsapi, server } = await connected();
    const heard = vi.fn(() => server.heard('call.ringing').length);
    jsapi.on('call:received', heard);
    invite(server);
    expect(heard).toHaveBeenCalledExactlyOnceWith(jsapi.getCall('m7'));
    expect(heard).toHaveReturnedWith(1);
    expect(server.heard('call.ringing')).toEqual([{ callId: 'm7' }]);
    expect(jsapi.getCall('m7')).toMatchObject({ role: 'receiver', state: 'init', from: 'b' });
  });

  it('RCV-4: without `autoRinging` the application says that it rings', async () => {
    const { jsapi, server } = await connected({ autoRinging: false });
    const lines = watch(jsapi);
    invite(server);
    expect([server.heard('call.ringing'), lines]).toEqual([[], ['call:received m7']]);
    server.answers['call.ringing'] = {};
    await jsapi.getCall('m7')!.ringing();
    expect(server.heard('call.ringing')).toEqual([{ callId: 'm7' }]);
  });

  it('RCV-3: a passive initiator hears nothing, turns pending and says so', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    server.tell('call.init', {
      ...head(1, 0),
      call: view({ connectionId: 'c2' }),
      connectionId: 'c2',
      localId: undefined,
    });
    expect(server.heard('call.pending')).toEqual([{ callId: 'm7' }]);
    expect(lines).toEqual([]);
    expect(jsapi.getCall('m7')).toMatchObject({ role: 'passive initiator', connectionState: 'pending' });
    expect(jsapi.calls).toHaveLength(1);
  });

  it('RCV-5: silent calls and calls told by their state do not ring', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    invite(server, incoming(), { silent: true });
    const call = incoming({ id: 'm8', chainId: 'm8' });
    server.tell('call.state', { ...head(1, 0, 'm8'), call, role: 'receiver' });
    expect([server.heard('call.ringing'), lines]).toEqual([[], []]);
  });

  it('SEQ-8: events come in the order of revisions, once each, with the object up to date', async () => {
    const { jsapi, server, call } = await opened();
    const lines = watch(jsapi);
    const states: string[] = [];
    call.on('state', (state) => states.push(state));
    call.on('accepted', (...args) => states.push(`accepted ${args.join(' ')} in ${call.state}`));
    call.on('call:accepted', (by) => states.push(`call:accepted ${by}`));
    server.tell('call.ringing', { ...head(2), profileId: 'b', connectionId: 'c3' });
    server.tell('call.ringing', { ...head(3), profileId: 'b', connectionId: 'c4' });
    server.tell('call.accept', { ...head(4), profileId: 'b', connectionId: 'c3', media: kMedia });
    server.tell('call.end', { ...head(5), endReason: 'hangup' });
    expect(lines).toEqual([
      ...['call:ringing m7 b c3', 'call:ringing m7 b c4', 'call:accepted m7 b c3', 'call:end m7 hangup'],
    ]);
    expect(states).toEqual(['ringing', 'accepted b c3 in active', 'call:accepted b', 'active', 'ended']);
    expect(call).toMatchObject({ state: 'ended', endReason: 'hangup', rev: 5, answeredAt: 1004, endedAt: 1005 });
    expect(jsapi.calls).toEqual([]);
  });

  it('A43: a lost message is asked for, once, and the state that answers is applied', async () => {
    const { jsapi, server, call } = await opened();
    const lines = watch(jsapi);
    server.tell('call.hold', { ...head(4), profileId: 'b' });
    server.tell('call.resume', { ...head(5), profileId: 'b' });
    expect([server.heard('call.sync'), lines, call.rev]).toEqual([[{ callId: 'm7', rev: 1 }], [], 1]);
    const b = person('b', { state: 'active', activeConnectionId: 'c3' });
    const now = view({ rev: 5, state: 'active', participants: [initiator(), b] });
    server.tell('call.state', { ...head(5, 0), call: now, role: 'active initiator' });
    server.answer('call.sync', {});
    await settle();
    expect([call.rev, call.state, lines]).toEqual([5, 'active', ['call:accepted m7 b c3']]);
    server.tell('call.hold', { ...head(7), profileId: 'b' });
    expect(server.heard('call.sync')).toHaveLength(2);
  });

  it('A42: frames that come twice change nothing, and are told once', async () => {
    const story = async (times: number) => {
      const { jsapi, server } = await connected();
      const lines = watch(jsapi);
      const once = server.deliver.bind(server);
      server.deliver = (frame) => {
        for (let time = 0; time < (frame.seq === undefined ? 1 : times); ++time) once(frame);
      };
      invite(server);
      server.tell('call.ringing', { ...head(2), profileId: 'a', connectionId: 'c1' });
      server.tell('call.invite', { ...head(3), participants: [person('c')], invitedBy: 'b' });
      server.tell('call.accept', { ...head(4), profileId: 'c', connectionId: 'c5', media: kMedia });
      server.tell('call.ringing_timeout', { ...head(5), profileId: 'a' });
      server.tell('call.end', { ...head(6), endReason: 'hangup' });
      const said = server.said.map(({ type }) => type).filter((type) => type !== 'hello');
      await jsapi.disconnect();
      return [lines, said];
    };
    const single = await story(1);
    expect(await story(2)).toEqual(single);
    expect(single[0]).toEqual([
      ...['call:received m7', 'call:ringing m7 a c1', 'call:invited m7 [c] b', 'call:accepted m7 c c5'],
      ...['call:ringing_timeout m7 a', 'call:end m7 timeout', 'disconnected disconnected'],
    ]);
  });

  it('a listener that throws stops neither the others nor the call', async () => {
    const { jsapi, server, log } = await connected();
    const heard = vi.fn();
    jsapi.on('call:received', () => {
      throw new Error('listener');
    });
    jsapi.on('call:received', heard);
    invite(server);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(log.at(-1)).toContain('call:received');
  });
});

describe('RCV-6: what comes before `sync.done`', () => {
  async function reconnected(replay: (server: FakeJsapiServer) => void, fresh = false) {
    const all = await opened();
    const lines = watch(all.jsapi);
    all.server.onhello = () => {
      all.server.greet({ resumed: true, fresh });
      replay(all.server);
      expect(lines).toEqual(['reconnecting']);
      all.server.done();
    };
    all.server.socket.end(1006);
    await settle();
    return { ...all, lines };
  }

  it('A44: a call that rang, was answered elsewhere and ended never rings here', async () => {
    const { server, lines, jsapi } = await reconnected((s) => {
      invite(s, incoming({ id: 'm8', chainId: 'm8' }));
      s.tell('call.accept', { ...head(2, 1, 'm8'), profileId: 'a', connectionId: 'c2', media: kMedia });
      s.tell('call.end', { ...head(3, 2, 'm8'), endReason: 'hangup' });
    });
    expect([server.heard('call.ringing'), lines]).toEqual([[], ['reconnecting', 'reconnected true']]);
    expect(jsapi.getCall('m8')).toBeUndefined();
  });

  it.each([
    ['was answered elsewhere', 'call.accept', { profileId: 'a', connectionId: 'c2', media: kMedia }],
    ['is ignored', 'call.ignore', { connectionId: 'c2' }],
    ['was declined', 'call.reject', { profileId: 'a' }],
    ['has timed out', 'call.ringing_timeout', { profileId: 'a' }],
  ])('does not ring for a call that %s', async (_, type, body) => {
    const { server, lines, jsapi } = await reconnected((s) => {
      invite(s, incoming({ id: 'm8', chainId: 'm8' }));
      s.tell(type, { ...head(2, 1, 'm8'), ...body });
    });
    expect([server.heard('call.ringing'), lines]).toEqual([[], ['reconnecting', 'reconnected true']]);
    expect(jsapi.calls.map(({ id }) => id)).toEqual(['m7', 'm8']);
  });

  it('A19: rings once for a call that still waits', async () => {
    const { server, lines } = await reconnected((s) => {
      invite(s, incoming({ id: 'm8', chainId: 'm8' }));
      s.tell('call.pending', { ...head(2, 1, 'm8'), connectionId: 'c9' });
    });
    expect(server.heard('call.ringing')).toEqual([{ callId: 'm8' }]);
    expect(lines).toEqual(['reconnecting', 'reconnected true', 'call:received m8']);
  });

  it('A33: tells of a call that the application knows what was missed, in order', async () => {
    const { lines, call } = await reconnected((s) => {
      s.tell('call.ringing', { ...head(2), profileId: 'b', connectionId: 'c3' });
      s.tell('call.reject', { ...head(3), profileId: 'b' });
      s.tell('call.end', { ...head(4), endReason: 'rejected' });
    });
    const missed = ['call:ringing m7 b c3', 'call:rejected m7 b', 'call:end m7 rejected'];
    expect(lines).toEqual(['reconnecting', 'reconnected true', ...missed]);
    expect(call.state).toBe('ended');
  });

  it('RCV-3: a passive initiator is pending after a snapshot', async () => {
    const { server, lines, jsapi } = await reconnected((s) => {
      s.tell('call.state', { ...head(1, 0), call: view(), role: 'active initiator' });
      const call = view({ id: 'm8', chainId: 'm8', connectionId: 'c2' });
      s.tell('call.init', { ...head(1, 0, 'm8'), call, connectionId: 'c2', role: 'passive initiator' });
    }, true);
    expect([server.heard('call.pending'), lines]).toEqual([[{ callId: 'm8' }], ['reconnecting', 'reconnected true']]);
    expect(jsapi.getCall('m8')?.connectionState).toBe('pending');
  });

  it('a known call that the snapshot lacks is over, for the reason that the log gives', async () => {
    const record = { ...{ callId: 'm7', chainId: 'm7', from: 'a', to: ['b'], options: kMedia }, createdAt: 1 };
    const { lines, call, jsapi } = await reconnected((s) => {
      const participants = [{ id: 'a', outcome: 'answered' }];
      s.tell('call.record', { record: { ...record, endedAt: 9, endReason: 'no_answer', participants }, useq: 'u5' });
    }, true);
    expect(lines).toEqual(['reconnecting', 'reconnected true', 'call:end m7 no_answer']);
    expect([call.state, call.endReason, jsapi.calls]).toEqual(['ended', 'no_answer', []]);
  });

  it('GLR-5: a crossing that was missed is told then, in its order', async () => {
    const { lines, call } = await reconnected((s) => {
      s.tell('call.end', { ...head(2), endReason: 'glare', replacedBy: 'm5' });
      invite(s, incoming({ id: 'm5', chainId: 'm5' }), { replaces: 'm7' });
      s.tell('call.accept', { ...head(2, 1, 'm5'), profileId: 'a', connectionId: 'c1', media: kMedia });
    });
    expect(lines).toEqual(['reconnecting', 'reconnected true', 'call:replaced m5 m5', 'call:accepted m5 a c1']);
    expect([call.id, call.state]).toEqual(['m5', 'active']);
  });

  it('SEQ-7: an opening that is sent again on a fresh connection is bound to what the snapshot has', async () => {
    const { jsapi, server } = await connected();
    const call = jsapi.openCall('a', 'b', null, kOptions);
    server.onhello = () => {
      server.greet({ resumed: true, fresh: true });
      server.tell('call.state', { ...head(3, 0), call: view({ rev: 3, state: 'ringing' }), role: 'active initiator' });
      server.done();
      server.answer('call.init', { callId: 'm7', chainId: 'm7' });
    };
    server.socket.end(1006);
    await settle();
    expect(server.heard('call.init')).toHaveLength(2);
    expect(server.heard('call.init')[0]).toEqual(server.heard('call.init')[1]);
    expect(await call.ready).toBe(call);
    expect([call.id, call.state, jsapi.calls, server.heard('call.sync')]).toEqual(['m7', 'ringing', [call], []]);
  });

  it('does not ring again for a call that rings already', async () => {
    const all = await connected();
    invite(all.server);
    const lines = watch(all.jsapi);
    const rings = { connections: legs(['c1', 'receiver', 'ringing']), state: 'ringing', ringingConnectionIds: ['c1'] };
    all.server.onhello = () => {
      all.server.greet({ resumed: true, fresh: true });
      const [from] = incoming().participants;
      const call = incoming({ rev: 2, state: 'ringing', participants: [from!, person('a', rings as object)] });
      all.server.tell('call.init', { ...head(2, 0), call, receiver: 'a', connectionId: 'c3', role: 'receiver' });
      all.server.done();
    };
    const before = all.server.heard('call.ringing').length;
    all.server.answer('call.ringing', {});
    all.server.socket.end(1006);
    await settle();
    expect(all.server.heard('call.ringing')).toHaveLength(before);
    expect(lines.filter((line) => line.startsWith('call:received'))).toEqual([]);
  });

  it('on the first connect, `connected` comes before anything of the calls', async () => {
    const { jsapi, server } = stage();
    const lines = watch(jsapi);
    jsapi.on('connected', () => lines.push(`${jsapi.calls.length} calls`));
    server.onhello = () => {
      server.greet();
      invite(server);
      server.done();
    };
    await Promise.all([jsapi.connect({ token: 't' }), settle()]);
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      ...['connected c1', '1 calls', 'call:received m7'],
    ]);
  });
});

describe('invited again (GRP-5)', () => {
  it('binds the object that there is, and rings once more', async () => {
    const { jsapi, server } = await connected();
    invite(server);
    const call = jsapi.getCall('m7')!;
    server.tell('call.reject', { ...head(2), profileId: 'a', connectionId: 'c2' });
    const lines = watch(jsapi);
    server.tell('call.invite', { ...head(3), participants: [person('a')], invitedBy: 'b' });
    invite(server, incoming({ rev: 4, state: 'active' }));
    expect(lines).toEqual(['call:invited m7 [a] b', 'call:received m7']);
    expect([jsapi.getCall('m7') === call, server.heard('call.ringing').length]).toEqual([true, 2]);
  });

  it('A56: also after it was removed', async () => {
    const { jsapi, server } = await connected();
    invite(server);
    const call = jsapi.getCall('m7')!;
    const lines = watch(jsapi);
    server.tell('call.remove', { ...head(2), profileId: 'a' });
    expect([lines, jsapi.calls]).toEqual([['call:removed m7 a', 'call:end m7 removed'], []]);
    invite(server, incoming({ rev: 5, state: 'active' }));
    expect([jsapi.calls, lines.at(-1)]).toEqual([[call], 'call:received m7']);
  });
});

// All orders of two lists that each keep their own.
function interleavings<T>(left: T[], right: T[]): T[][] {
  if (left.length === 0 || right.length === 0) return [[...left, ...right]];
  const [l, ...ls] = left;
  const [r, ...rs] = right;
  return [
    ...interleavings(ls, right).map((rest) => [l!, ...rest]),
    ...interleavings(left, rs).map((rest) => [r!, ...rest]),
  ];
}

describe('crossing calls (10.5)', () => {
  const accept = (rev: number, localId?: string) => ({
    ...{ ...head(rev, rev - 1, 'm5'), profileId: 'a', connectionId: 'c1', media: kMedia },
    ...(localId && { localId }),
  });

  it('A16, GLR-1: an opened call that answers a known one gives way to it', async () => {
    const { jsapi, server } = await connected();
    invite(server, incoming({ id: 'm5', chainId: 'm5' }));
    const existing = jsapi.getCall('m5')!;
    const lines = watch(jsapi);
    const call = jsapi.openCall('a', 'b', 'm5', kOptions);
    server.tell('call.accept', accept(2, call.localId));
    server.answer('call.init', { callId: 'm5', chainId: 'm5', merged: true });
    expect(await call.ready).toBe(existing);
    expect(lines).toEqual([
      `call:replaced ${call.localId} m5`,
      `call:end ${call.localId} merged`,
      'call:accepted m5 a c1',
    ]);
    expect(call).toMatchObject({ state: 'ended', endReason: 'merged' });
    expect(existing).toMatchObject({ state: 'active', role: 'active receiver', activeConnectionId: 'c1' });
    expect(jsapi.calls).toEqual([existing]);
  });

  it('GLR-1: one that was unknown here is bound to the opened object', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    const call = jsapi.openCall('a', 'b', 'm5', kOptions);
    server.tell('call.state', { ...head(1, 0, 'm5'), call: incoming({ id: 'm5' }), role: 'receiver' });
    server.tell('call.accept', accept(2, call.localId));
    server.answer('call.init', { callId: 'm5', chainId: 'm5', merged: true });
    expect(await call.ready).toBe(call);
    expect(lines).toEqual(['call:accepted m5 a c1']);
    expect(call).toMatchObject({ id: 'm5', state: 'active', role: 'active receiver', replaces: undefined });
    expect([jsapi.calls, server.heard('call.ringing')]).toEqual([[call], []]);
  });

  it('GLR-1: also where the message that would say so was lost', async () => {
    const { jsapi, server } = await connected();
    const lines = watch(jsapi);
    const call = jsapi.openCall('a', 'b', 'm5', kOptions);
    server.answer('call.init', { callId: 'm5', chainId: 'm5', merged: true });
    await settle();
    expect(server.heard('call.sync')).toEqual([{ callId: 'm5', rev: 0 }]);
    const [from] = incoming().participants;
    const me = person('a', { state: 'active', activeConnectionId: 'c1' });
    const now = incoming({ id: 'm5', rev: 2, state: 'active', participants: [from!, me] });
    server.tell('call.state', { ...head(2, 0, 'm5'), call: now, role: 'active receiver' });
    expect(await call.ready).toBe(call);
    expect([call.id, call.state, lines]).toEqual(['m5', 'active', ['call:accepted m5 a c1']]);
  });

  it.each(['first', 'last'])('A17, GLR-5: the loser goes on as the winner; its end comes %s', async (when) => {
    const { jsapi, server, call } = await opened();
    const lines = watch(jsapi);
    const end = () => server.tell('call.end', { ...head(2), endReason: 'glare', replacedBy: 'm5' });
    if (when === 'first') end();
    expect([call.state, lines]).toEqual(['init', []]);
    invite(server, incoming({ id: 'm5', chainId: 'm5' }), { replaces: 'm7' });
    server.tell('call.accept', accept(2));
    if (when === 'last') end();
    expect(lines).toEqual([`call:replaced ${call.localId} ${call.localId}`, 'call:accepted m5 a c1']);
    expect(call).toMatchObject({ id: 'm5', state: 'active', role: 'active receiver' });
    expect([jsapi.calls, server.heard('call.ringing'), server.heard('call.sync')]).toEqual([[call], [], []]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(call.state).toBe('active');
  });

  it('GLR-5: a device that holds the winner keeps that object', async () => {
    const { jsapi, server, call } = await opened();
    invite(server, incoming({ id: 'm5', chainId: 'm5' }));
    const winner = jsapi.getCall('m5')!;
    const lines = watch(jsapi);
    invite(server, incoming({ id: 'm5', chainId: 'm5', rev: 2 }), { replaces: 'm7' });
    server.tell('call.accept', accept(3));
    expect(lines).toEqual(['call:replaced m7 m5', 'call:end m7 glare', 'call:accepted m5 a c1']);
    expect([call.state, winner.state, jsapi.calls]).toEqual(['ended', 'active', [winner]]);
  });

  it('A17: in every order that two owners leave, two who call each other end in one answered call', async () => {
    for (const order of interleavings(['echo', 'reply', 'end'], ['winner', 'accept'])) {
      const { jsapi, server } = await connected();
      const lines = watch(jsapi);
      const { localId } = jsapi.openCall('a', 'b', null, kOptions);
      const { seq } = server.said.at(-1)!;
      const steps: Record<string, () => void> = {
        echo: () => server.tell('call.init', { ...head(1, 0), call: view(), connectionId: 'c1', localId }),
        reply: () => server.reply('call.init', seq!, { callId: 'm7', chainId: 'm7' }),
        end: () => server.tell('call.end', { ...head(2), endReason: 'glare', replacedBy: 'm5' }),
        winner: () => invite(server, incoming({ id: 'm5', chainId: 'm5' }), { replaces: 'm7' }),
        accept: () => server.tell('call.accept', accept(2)),
      };
      for (const step of order) {
        steps[step]!();
        await settle();
      }
      await vi.advanceTimersByTimeAsync(6_000);
      const [call, ...more] = jsapi.calls;
      expect([call?.id, call?.state, call?.role, more], order.join()).toEqual(['m5', 'active', 'active receiver', []]);
      const names = lines.map((line) => line.split(' ')[0]).filter((name) => name !== 'call:end');
      expect(names.sort(), order.join()).toEqual(['call:accepted', 'call:replaced']);
      expect([server.heard('call.ringing'), server.heard('call.sync')], order.join()).toEqual([[], []]);
      await jsapi.disconnect();
    }
  });

  it('GLR-4: a loser whose winner never comes ends after all', async () => {
    const { jsapi, server, call } = await opened();
    const lines = watch(jsapi);
    server.tell('call.end', { ...head(2), endReason: 'glare', replacedBy: 'm5' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect([call.state, lines, jsapi.calls]).toEqual(['ended', ['call:end m7 glare'], []]);
  });

  it('A6: a superseded call tells of its successor', async () => {
    const { jsapi, server, call } = await opened();
    const next = jsapi.openCall('a', 'b', 'm7', { ...kOptions, replace: true });
    const lines = watch(jsapi);
    server.tell('call.end', { ...head(2), endReason: 'superseded', replacedBy: 'm8' });
    echo(server, { id: 'm8', chainId: 'm7', replaces: 'm7' });
    expect(lines).toEqual(['call:end m7 superseded', 'call:replaced m7 m8']);
    expect([call.replacedBy, next.replaces, jsapi.calls]).toEqual(['m8', 'm7', [next]]);
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
