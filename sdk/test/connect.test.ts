import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraStream } from './fake_media.js';
import { connected, outcome, settle, stage } from './fake_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('connect', () => {
  it('opens the device socket, states its preferences and resolves with the answer', async () => {
    const { browser, server, client } = stage();
    const heard = vi.fn();
    client.on('connected', heard);
    await client.connect({ deviceToken: 'a.b.c' });
    const url = new URL(server.socket.url);
    expect(url.origin + url.pathname).toBe('wss://page.example/v3/');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      token: 'a.b.c',
      client: 'crosspoint',
      uniqueId: browser.uuid(),
    });
    expect(server.said).toEqual([
      { jsonrpc: '2.0', method: 'setMediaPreferences', params: { protocol: 'WEBRTC' }, id: 1 },
    ]);
    expect(heard).toHaveBeenCalledExactlyOnceWith({ participantId: 'me' });
  });

  it('takes the address it is given, with or without a slash at its end', async () => {
    const { server, client } = stage();
    await client.connect('t', { websocketUrl: 'ws://other.example:8080/prefix/' });
    expect(server.socket.url).toMatch(/^ws:\/\/other\.example:8080\/prefix\/v3\/\?token=t&/);
  });

  it.each(['tokenInvalid', 'replaced', 'participantDeleted', 'left'])('rejects when refused: %s', async (code) => {
    const { browser, server, client } = stage();
    server.answers['setMediaPreferences'] = () => 'silence';
    const closed = vi.fn();
    client.on('closed', closed);
    const result = outcome(client.connect('bad'));
    await settle();
    server.refuse(code);
    await settle();
    expect(result.error).toMatchObject({ name: 'CrosspointError', code, message: `refused: ${code}` });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(browser.sockets).toHaveLength(1);
    expect(closed).not.toHaveBeenCalled();
    expect(browser.listenerCount).toBe(0);
  });

  it('rejects when the server closes for good without a reason', async () => {
    const { server, client } = stage();
    server.answers['setMediaPreferences'] = () => 'silence';
    const result = outcome(client.connect('t'));
    await settle();
    server.socket.end(1000);
    await settle();
    expect(result.error).toMatchObject({ code: 'closedByServer' });
  });

  it('rejects when its preferences are refused', async () => {
    const { server, client } = stage();
    server.answers['setMediaPreferences'] = () => ({ error: { code: -32003, message: 'no' } });
    await expect(client.connect('t')).rejects.toMatchObject({ code: 'rejected', rpcCode: -32003, message: 'no' });
  });

  it('keeps trying a server that is down, and gives up after its timeout', async () => {
    const { browser, server, client } = stage();
    server.up = false;
    const result = outcome(client.connect('t', { timeout: 3_000 }));
    await vi.advanceTimersByTimeAsync(2_999);
    expect(result.settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(result.error).toMatchObject({ code: 'timeout' });
    // At 0, 250, 750 and 1750 ms.
    expect(browser.sockets).toHaveLength(4);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects at once where the browser opens no socket, and can be called again', async () => {
    const { browser, client } = stage();
    const { createSocket } = browser;
    browser.createSocket = () => {
      throw Object.assign(new Error('insecure from a page of https'), { name: 'SecurityError' });
    };
    const result = outcome(client.connect('t', { websocketUrl: 'ws://other.example' }));
    await settle();
    expect(result.error).toMatchObject({ name: 'CrosspointError', code: 'unsupported' });
    expect([vi.getTimerCount(), browser.listenerCount]).toEqual([0, 0]);
    browser.createSocket = createSocket;
    await client.connect('t');
  });

  it('connects when the server comes up in time', async () => {
    const { server, client } = stage();
    server.up = false;
    const result = outcome(client.connect('t'));
    await vi.advanceTimersByTimeAsync(1_000);
    server.up = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(result).toEqual({ settled: true, value: undefined });
    expect(server.heard('setMediaPreferences')).toHaveLength(1);
  });

  it('refuses a second connect, and calls without one', async () => {
    const { client } = await connected();
    await expect(client.connect('t')).rejects.toMatchObject({ code: 'alreadyConnected' });
    const idle = stage().client;
    await expect(idle.publish(cameraStream('s').asStream)).rejects.toMatchObject({ code: 'notConnected' });
    expect(() => idle.sendDtmf('1')).toThrow(expect.objectContaining({ code: 'notConnected' }) as Error);
  });
});

describe('disconnect', () => {
  it.each(['after', 'while'])('leaves no media connection that was just being made %s connecting', async (when) => {
    const { browser, server, client } = when === 'after' ? await connected() : stage();
    const answer = server.answers['offerSdp']!;
    let applied = () => {};
    server.answers['offerSdp'] = (params) => {
      browser.peers[0]!.setRemoteDescription = () => new Promise((resolve) => (applied = resolve));
      return answer(params);
    };
    if (when === 'while') void client.connect('t');
    const publishing = outcome(client.publish(cameraStream('s').asStream));
    await settle();
    await client.disconnect();
    applied();
    await settle();
    expect(publishing.error).toMatchObject({ name: 'CrosspointError' });
    expect(browser.peers[0]!.closed).toBe(true);
  });

  it('leaves, sends diagnostics, closes with 1000, then closes the media connections', async () => {
    const { browser, server, client } = await connected();
    const closed = vi.fn();
    client.on('closed', closed);
    await client.publish(cameraStream('s').asStream);
    await server.offer({ remote: 'a' });
    server.said = [];
    await client.disconnect();
    expect(server.said.map(({ method }) => method)).toEqual(['leave', 'deviceDiagnostics']);
    expect(server.socket.closedWith).toBe(1000);
    expect(browser.peers.map((peer) => peer.closed)).toEqual([true, true]);
    expect(closed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'disconnected' }));
  });

  it('does not wait for ever for a server that does not close', async () => {
    const { server, client } = await connected();
    server.socket.echoesClose = false;
    const result = outcome(client.disconnect());
    await vi.advanceTimersByTimeAsync(999);
    expect(result.settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(result.settled).toBe(true);
  });

  it('happens by itself when the page goes away', async () => {
    const { browser, server } = await connected();
    browser.fire('hide');
    await settle();
    expect(server.heard('leave')).toHaveLength(1);
    expect(server.socket.closedWith).toBe(1000);
  });

  it('leaves no timer and no listener behind, and can connect again', async () => {
    const { browser, server, client } = await connected();
    await client.publish(cameraStream('s').asStream);
    await client.disconnect();
    await settle();
    expect(vi.getTimerCount()).toBe(0);
    expect(browser.listenerCount).toBe(0);
    server.hello = { ...server.hello, resumed: false };
    await client.connect('again');
    await client.publish(cameraStream('s').asStream);
    expect(browser.sockets).toHaveLength(2);
  });

  it('ends what waits for an answer', async () => {
    const { server, client } = await connected();
    server.answers['offerSdp'] = () => 'silence';
    const publishing = outcome(client.publish(cameraStream('s').asStream));
    await settle();
    await client.disconnect();
    await settle();
    expect(publishing.error).toMatchObject({ code: 'disconnected' });
  });
});
