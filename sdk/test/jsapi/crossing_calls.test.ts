import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { head, person, view } from './call_fixtures.js';
import { echo, incoming, invite, kMedia, kOptions, opened } from './call_scene.js';
import { connected, settle, watch } from './fake_jsapi_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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
