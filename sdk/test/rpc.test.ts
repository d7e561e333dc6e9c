import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CrosspointError } from '../src/errors.js';
import { Log } from '../src/log.js';
import { Rpc } from '../src/rpc.js';
import { outcome, settle } from './fake_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function pair(reachable = true) {
  const sent: string[] = [];
  const heard = vi.fn();
  const rpc = new Rpc((text) => reachable && sent.push(text) > 0, heard);
  return { rpc, sent, heard };
}

describe('Rpc', () => {
  it('matches answers to calls, in any order', async () => {
    const { rpc, sent } = pair();
    const calls = [outcome(rpc.call('a', {}, 1_000)), outcome(rpc.call('b', {}, 1_000))];
    expect(sent.map((text) => (JSON.parse(text) as { id: number }).id)).toEqual([1, 2]);
    rpc.receive('{"jsonrpc":"2.0","id":2,"result":{"n":2}}');
    rpc.receive('{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"what?"}}');
    rpc.receive('{"jsonrpc":"2.0","id":1,"result":{}}');
    await settle();
    expect(calls[1]?.value).toEqual({ n: 2 });
    expect(calls[0]?.error).toMatchObject({ code: 'rejected', rpcCode: -32601, message: 'what?' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects a call that nobody answers, or that cannot be sent, or whose connection is lost', async () => {
    const { rpc } = pair();
    const [late, lost] = [outcome(rpc.call('late', {}, 1_000)), outcome(rpc.call('lost', {}, 5_000))];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(late.error).toMatchObject({ code: 'timeout' });
    rpc.rejectAll(new CrosspointError('connectionLost', 'gone'));
    await settle();
    expect(lost.error).toMatchObject({ code: 'connectionLost' });
    await expect(pair(false).rpc.call('any', {}, 1_000)).rejects.toMatchObject({ code: 'connectionLost' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('passes on notifications and ignores what is not JSON-RPC', () => {
    const { rpc, heard } = pair();
    for (const junk of ['', 'null', '[]', '{', '"x"', '{"id":null}', '{"id":9,"result":1}']) rpc.receive(junk);
    rpc.receive('{"jsonrpc":"2.0","method":"sdpOffer","params":{"sdpRevision":1}}');
    expect(heard).toHaveBeenCalledExactlyOnceWith('sdpOffer', { sdpRevision: 1 });
  });
});

describe('Log', () => {
  it('keeps no more than the server reads', () => {
    const log = new Log('silent');
    for (let line = 0; line < 1_000; ++line) log.debug('x'.repeat(1_000));
    expect(JSON.stringify(log.drain()).length).toBeLessThan(64 * 1024);
    expect(log.drain()).toEqual([]);
  });

  it('prints from its level on', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const info = vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const log = new Log();
    log.info('quiet');
    log.warn('loud');
    expect([info.mock.calls.length, warn.mock.calls.length]).toEqual([0, 1]);
    vi.restoreAllMocks();
  });
});
