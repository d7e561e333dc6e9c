import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { outcome } from '../fake_server.js';
import { head, initiator, legs, person, view } from './call_fixtures.js';
import { incoming, invite, kMedia, kOptions, opened } from './call_scene.js';
import { running } from './call_with_media.js';
import { connected, settle, stage, watch, type FakeJsapiServer } from './fake_jsapi_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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

  it('RCV-4: that it does not ring any more is no warning', async () => {
    const { server, log } = await connected();
    for (const [code, name] of [
      [4090, 'wrong_state'],
      [4092, 'call_ended'],
    ] as const) {
      invite(server, incoming({ id: name, chainId: name }));
      server.answer('call.ringing', { error: [code, name] });
    }
    await settle();
    expect(log.filter((line) => line.startsWith('warn'))).toEqual([]);
    invite(server, incoming({ id: 'm9', chainId: 'm9' }));
    server.answer('call.ringing', { error: [5000, 'internal'] });
    await settle();
    expect(log.at(-1)).toMatch(/^warn call.ringing/);
  });

  it('RCV-3, RCV-4: what is said too fast is said again, while the call is known', async () => {
    const { jsapi, server } = await connected();
    const refusal = { error: [4290, 'rate_limited', { retryAfterMs: 20 }] } as const;
    invite(server);
    server.answer('call.ringing', refusal);
    await vi.advanceTimersByTimeAsync(19);
    expect(server.heard('call.ringing')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.heard('call.ringing')).toEqual([{ callId: 'm7' }, { callId: 'm7' }]);
    server.answer('call.ringing', refusal);
    server.tell('call.end', { ...head(2), endReason: 'cancelled' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.heard('call.ringing')).toHaveLength(2);
    invite(server, incoming({ id: 'm8', chainId: 'm8' }));
    server.answer('call.ringing', refusal);
    await settle();
    await jsapi.disconnect();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('A32: does not say again that it rings when it has said that it cannot take the call', async () => {
    const { jsapi, server } = await connected();
    const refusal = { error: [4290, 'rate_limited', { retryAfterMs: 20 }] } as const;
    invite(server);
    server.answer('call.ringing', refusal);
    const call = jsapi.getCall('m7')!;
    const said = call.unavailable();
    await vi.advanceTimersByTimeAsync(1_000);
    server.answer('call.unavailable', {});
    await said;
    expect([server.heard('call.ringing').length, call.connectionState]).toEqual([1, 'passive']);
  });

  it('RCV-4: says again that it rings when it could not say that it cannot take the call', async () => {
    const { jsapi, server } = await connected();
    const refusal = { error: [4290, 'rate_limited', { retryAfterMs: 20 }] } as const;
    invite(server);
    server.answer('call.ringing', refusal);
    server.answers['call.unavailable'] = refusal;
    await expect(jsapi.getCall('m7')!.unavailable()).rejects.toMatchObject({ name: 'rate_limited' });
    await vi.advanceTimersByTimeAsync(20);
    expect(server.heard('call.ringing')).toHaveLength(2);
  });

  it('RCV-4: says again that it rings also when that is refused after the pause', async () => {
    const { jsapi, server } = await connected();
    const refusal = { error: [4290, 'rate_limited', { retryAfterMs: 20 }] } as const;
    invite(server);
    server.answer('call.ringing', refusal);
    const said = outcome(jsapi.getCall('m7')!.unavailable());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.heard('call.ringing')).toHaveLength(1);
    server.answer('call.unavailable', refusal);
    await vi.advanceTimersByTimeAsync(20);
    expect(said.error).toMatchObject({ name: 'rate_limited' });
    expect(server.heard('call.ringing')).toHaveLength(2);
  });

  it('A32: a new connection says that it cannot take the call, and no more that it rings', async () => {
    const { jsapi, server } = await connected();
    invite(server);
    server.answer('call.ringing', {});
    server.onhello = () => {
      server.greet({ connectionId: 'c2' });
      invite(server);
      server.done();
    };
    server.socket.end(1006);
    void jsapi.getCall('m7')!.unavailable();
    await settle();
    expect(server.said.slice(-1)[0]).toMatchObject({ type: 'call.unavailable', seq: 1 });
    expect(server.heard('call.ringing')).toHaveLength(1);
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

  describe('an opening that was acknowledged, and whose call has not been told', () => {
    const refusal = { error: [4290, 'rate_limited', { retryAfterMs: 20 }] } as const;
    async function acknowledged() {
      const all = await connected();
      const call = all.jsapi.openCall('a', 'b', null, kOptions);
      const lines = watch(all.jsapi);
      await settle();
      all.server.answer('call.init', { callId: 'm7', chainId: 'm7' });
      await settle();
      return { ...all, call, lines };
    }
    const state = (changes: object) => ({ call: view({ rev: 3, ...changes }), role: 'active initiator' as const });

    it('asks for its state again when that was too fast', async () => {
      const { server, call, browser, lines } = await acknowledged();
      server.answer('call.sync', refusal);
      await vi.advanceTimersByTimeAsync(20);
      expect(server.heard('call.sync')).toEqual([
        { callId: 'm7', rev: 0 },
        { callId: 'm7', rev: 0 },
      ]);
      const ended = { state: 'ended', endReason: 'initiator_lost' };
      server.tell('call.state', { ...head(3, 0), ...state(ended) });
      server.answer('call.sync', {});
      await settle();
      expect([call.state, call.endReason, running(browser)]).toEqual(['ended', 'initiator_lost', 0]);
      expect(lines).toEqual(['call:end m7 initiator_lost']);
    });

    it('asks again on a new connection', async () => {
      const { server, call } = await acknowledged();
      server.onhello = () => {
        server.greet({ connectionId: 'c2' });
        server.done();
      };
      server.socket.end(1006);
      await settle();
      expect(server.heard('call.sync')).toHaveLength(2);
      server.tell('call.state', { ...head(3, 0), ...state({ state: 'ended', endReason: 'initiator_lost' }) });
      expect(call.state).toBe('ended');
    });

    it('is over when the server knows nothing of it any more', async () => {
      const { server, call, jsapi, browser, lines } = await acknowledged();
      server.answer('call.sync', { error: [4040, 'not_found'] });
      await settle();
      expect([call.state, call.endReason, running(browser), jsapi.calls]).toEqual(['ended', 'lost', 0, []]);
      expect(lines).toEqual([`call:end ${call.localId} lost`]);
      await expect(call.ready).rejects.toMatchObject({ name: 'call_ended' });
    });

    it('is over when the server tells nothing of it any more', async () => {
      const { server, call, jsapi, browser } = await acknowledged();
      server.answer('call.sync', { error: [4030, 'forbidden'] });
      await settle();
      expect([call.state, running(browser), jsapi.calls]).toEqual(['ended', 0, []]);
    });

    it('is hung up when its id is known', async () => {
      const { server, call } = await acknowledged();
      void call.hangup();
      expect(server.heard('call.hangup')).toEqual([]);
      server.tell('call.state', { ...head(3, 0), ...state({ state: 'ringing' }) });
      await settle();
      expect(server.heard('call.hangup')).toEqual([{ callId: 'm7', connectionId: 'c1' }]);
    });
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
  it('binds the object that there is, and rings once more, also where the device could not take it before', async () => {
    const { jsapi, server } = await connected();
    invite(server);
    const call = jsapi.getCall('m7')!;
    server.answer('call.ringing', {});
    server.answers['call.unavailable'] = {};
    await call.unavailable();
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
