import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraStream, FakeStream, FakeTrack } from './fake_media.js';
import { connected, outcome, settle, stage } from './fake_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const dataChannels = {
  __heartbeat__: { label: '__heartbeat__', streamId: 0 },
  __diagnostics__: { label: '__diagnostics__', streamId: 1 },
};

describe('publish', () => {
  it('offers the data channels alone first, then the tracks', async () => {
    const { server, client } = await connected();
    const stream = await client.publish(cameraStream('S').asStream, { alias: 'usermedia' });
    const [first, second, ...more] = server.heard('offerSdp');
    expect(first).toEqual({
      sdpOffer: 'm=application\r\na=ice-ufrag:u1\r\n',
      mediaMetadata: { mediaStreams: {}, dataChannels },
    });
    expect(second?.['sdpOffer']).toMatch(/m=application[^]*m=audio\r\na=msid:S S-a[^]*m=video\r\na=msid:S S-v/);
    expect(second?.['mediaMetadata']).toEqual({ mediaStreams: { S: { alias: 'usermedia' } }, dataChannels });
    expect(more).toEqual([]);
    expect(stream).toMatchObject({
      endpointId: 'S',
      alias: 'usermedia',
      mediaTypes: ['AUDIO', 'VIDEO'],
      participantId: 'me',
    });
  });

  it('creates its connection as the protocol wants it', async () => {
    const { browser, client } = await connected();
    await client.publish();
    const peer = browser.peers[0]!;
    expect(peer.configuration).toEqual({
      iceServers: [],
      iceTransportPolicy: 'all',
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
    });
    expect(peer.channels.map(({ label, options }) => [label, options])).toEqual([
      ['__heartbeat__', { negotiated: true, id: 0, protocol: 'udp' }],
      ['__diagnostics__', { negotiated: true, id: 1, protocol: 'udp' }],
    ]);
    expect(peer.transceivers.map(({ init }) => init.direction)).toEqual(['sendonly', 'sendonly']);
    expect(peer.applied).toEqual(['local offer', 'remote answer', 'local offer', 'remote answer']);
  });

  it('applies an offer only when it was answered', async () => {
    const { browser, server, client } = await connected();
    server.answers['offerSdp'] = () => 'silence';
    void outcome(client.publish(cameraStream('S').asStream));
    await settle();
    expect(browser.peers[0]?.applied).toEqual([]);
  });

  it('answers a heartbeat', async () => {
    const { browser, client } = await connected();
    await client.publish();
    const heartbeat = browser.peers[0]!.channels[0]!;
    heartbeat.onmessage?.({ data: 'PING' });
    heartbeat.onmessage?.({ data: 'else' });
    expect(heartbeat.sent).toEqual(['PONG']);
  });

  it('sends offers one after the other', async () => {
    const { server, client } = await connected();
    const both = [client.publish(cameraStream('A').asStream), client.publish(cameraStream('B').asStream)];
    await Promise.all(both);
    const published = server.heard('offerSdp').map((offer) => {
      return Object.keys((offer['mediaMetadata'] as { mediaStreams: object }).mediaStreams);
    });
    expect(published).toEqual([[], ['A'], ['A', 'B']]);
  });

  it('leaves no trace of what the server refused', async () => {
    const { browser, server, client } = await connected();
    await client.publish(cameraStream('first').asStream);
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => ({ error: { code: -32003, message: 'not allowed' } });
    await expect(client.publish()).rejects.toMatchObject({ code: 'rejected', rpcCode: -32003 });
    expect(browser.devices.captured[0]?.getTracks().every(({ readyState }) => readyState === 'ended')).toBe(true);
    server.answers['offerSdp'] = answer;
    await client.publish(cameraStream('second').asStream);
    expect(server.heard('offerSdp').at(-1)?.['mediaMetadata']).toMatchObject({
      mediaStreams: { first: {}, second: {} },
    });
    expect(server.heard('offerSdp').at(-1)?.['sdpOffer']).not.toContain('local-1');
  });

  it('starts anew when already the first offer was refused', async () => {
    const { browser, server, client } = await connected();
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => ({ error: { code: -32000, message: 'busy' } });
    await expect(client.publish(cameraStream('S').asStream)).rejects.toMatchObject({ code: 'rejected' });
    server.answers['offerSdp'] = answer;
    await client.publish(cameraStream('S').asStream);
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, false]);
  });

  it('prefers the codecs it is told', async () => {
    const { browser, client } = await connected();
    const video = [{ mimeType: 'video/H264', clockRate: 90_000 }];
    await client.publish(cameraStream('S').asStream, { codecPreferences: { video } });
    expect(browser.peers[0]?.transceivers.map(({ codecs }) => codecs)).toEqual([[], video]);
  });

  it('leaves no trace of codecs that the browser does not take', async () => {
    const { server, client } = await connected();
    const audio = [{ mimeType: 'audio/unknown', clockRate: 8_000 }];
    await expect(client.publish(cameraStream('S').asStream, { codecPreferences: { audio } })).rejects.toThrow('codec');
    await client.publish(cameraStream('S').asStream);
    expect(
      server
        .heard('offerSdp')
        .at(-1)
        ?.['sdpOffer']?.toString()
        .match(/m=audio/g),
    ).toHaveLength(1);
  });

  it.each([
    ['NotAllowedError', 'permissionDenied'],
    ['NotFoundError', 'deviceNotFound'],
    ['NotReadableError', 'deviceBusy'],
    ['SomethingElse', 'unsupported'],
  ])('says why there is no media: %s', async (name, code) => {
    const { browser, server, client } = await connected();
    browser.devices.failures = [name];
    await expect(client.publish()).rejects.toMatchObject({ name: 'CrosspointError', code });
    expect(server.heard('offerSdp')).toEqual([]);
  });
});

describe('publish while connecting', () => {
  it('sends one offer with the tracks behind the handshake, without waiting for an answer', async () => {
    const { server, client } = stage();
    server.answers['setMediaPreferences'] = () => 'silence';
    const both = [client.connect('t'), client.publish(cameraStream('S').asStream, { alias: 'usermedia' })];
    await settle();
    expect(server.said.map(({ method }) => method)).toEqual(['setMediaPreferences', 'offerSdp']);
    const [offer] = server.heard('offerSdp');
    expect((offer!['sdpOffer'] as string).match(/^m=\w+/gm)).toEqual(['m=application', 'm=audio', 'm=video']);
    const { id } = server.said[0]!;
    server.socket.onmessage?.({ data: JSON.stringify({ jsonrpc: '2.0', id, result: {} }) });
    expect(await Promise.all(both)).toMatchObject([undefined, { endpointId: 'S', mediaTypes: ['AUDIO', 'VIDEO'] }]);
  });

  it('offers again when the first socket is lost', async () => {
    const { server, browser, client } = stage();
    server.up = false;
    const both = [client.connect('t'), client.publish(cameraStream('S').asStream)];
    await settle();
    server.up = true;
    await vi.advanceTimersByTimeAsync(250);
    expect(await Promise.all(both)).toMatchObject([undefined, { endpointId: 'S' }]);
    expect([server.heard('offerSdp').length, browser.peers.length]).toEqual([1, 1]);
  });

  it('leaves nothing behind when it is refused, or the connection is', async () => {
    const { server, browser, client } = stage();
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => ({ error: { code: -32003, message: 'no' } });
    const both = [client.connect('t'), outcome(client.publish(cameraStream('S').asStream))] as const;
    await both[0];
    await settle();
    expect(both[1].error).toMatchObject({ code: 'rejected' });
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true]);
    server.answers['offerSdp'] = answer;
    await client.publish(cameraStream('S').asStream);
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, false]);
    await client.disconnect();

    const refused = stage();
    refused.server.answers['setMediaPreferences'] = refused.server.answers['offerSdp'] = () => 'silence';
    const lost = [outcome(refused.client.connect('t')), outcome(refused.client.publish(cameraStream('S').asStream))];
    await settle();
    refused.server.refuse('tokenInvalid');
    await settle();
    expect(lost.map(({ error }) => (error as { code: string }).code)).toEqual(['tokenInvalid', 'tokenInvalid']);
    expect([refused.browser.peers.map(({ closed }) => closed), vi.getTimerCount()]).toEqual([[true], 0]);
  });
});

describe('unpublish', () => {
  it('stops the tracks with one offer, and what it had started itself', async () => {
    const { browser, server, client } = await connected();
    const own = cameraStream('own');
    await client.publish(own.asStream);
    await client.publish({ audio: true });
    await client.unpublish();
    expect(server.heard('offerSdp')).toHaveLength(4);
    expect(server.heard('offerSdp').at(-1)).toMatchObject({
      sdpOffer: 'm=application\r\na=ice-ufrag:u1\r\n',
      mediaMetadata: { mediaStreams: {} },
    });
    expect(own.getTracks().map(({ readyState }) => readyState)).toEqual(['live', 'live']);
    expect(browser.devices.captured[0]?.getTracks().map(({ readyState }) => readyState)).toEqual(['ended']);
    expect(own.getTracks().map(({ listeners }) => listeners)).toEqual([0, 0]);
  });

  it('takes a stream, a media stream or an id, and the same can be published again', async () => {
    const { server, client } = await connected();
    const media = cameraStream('S');
    for (const name of [(stream: object) => stream, () => media.asStream, () => 'S'] as const) {
      const stream = await client.publish(media.asStream);
      await client.unpublish(name(stream) as string);
    }
    expect(server.heard('offerSdp')).toHaveLength(7);
  });

  it('does nothing where nothing is published', async () => {
    const { server, client } = await connected();
    await client.unpublish();
    await client.unpublish('unknown');
    expect(server.heard('offerSdp')).toEqual([]);
  });
});

describe('a publishing connection that failed', () => {
  it('restarts ICE at once and every five seconds, until it is back', async () => {
    const { browser, server, client } = await connected();
    const heard: string[] = [];
    client.on('failed', ({ connection }) => heard.push(`failed ${connection}`));
    client.on('recovered', ({ connection }) => heard.push(`recovered ${connection}`));
    await client.publish(cameraStream('S').asStream);
    server.said = [];
    const peer = browser.peers[0]!;
    peer.become('failed');
    await settle();
    expect(server.heard('offerSdp').map(({ sdpOffer }) => /ufrag:(\w+)/.exec(sdpOffer as string)?.[1])).toEqual(['u2']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.heard('offerSdp')).toHaveLength(3);
    peer.become('connected');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.heard('offerSdp')).toHaveLength(3);
    expect(heard).toEqual(['failed publishing', 'recovered publishing']);
  });

  it('restarts ICE again when a restart leads nowhere', async () => {
    const { browser, server, client } = await connected();
    const failed = vi.fn();
    client.on('failed', failed);
    await client.publish(cameraStream('S').asStream);
    server.said = [];
    const peer = browser.peers[0]!;
    peer.become('failed');
    await settle();
    peer.become('connecting');
    await vi.advanceTimersByTimeAsync(15_000);
    expect(server.heard('offerSdp')).toHaveLength(1);
    peer.become('failed');
    await settle();
    expect(server.heard('offerSdp')).toHaveLength(2);
    expect(failed).toHaveBeenCalledOnce();
  });

  it('waits for the socket where that is lost too', async () => {
    const { browser, server, client } = await connected();
    await client.publish(cameraStream('S').asStream);
    server.up = false;
    server.socket.end(1006);
    server.said = [];
    browser.peers[0]?.become('failed');
    await vi.advanceTimersByTimeAsync(20_000);
    server.up = true;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.heard('offerSdp').length).toBeGreaterThan(0);
  });
});

describe('a shared screen', () => {
  it('is published under its name and unpublished when the user stops sharing', async () => {
    const { browser, server, client } = await connected();
    const ended = vi.fn();
    client.on('localTrackEnded', ended);
    const screen = await client.shareScreen();
    expect(server.heard('offerSdp').at(-1)?.['mediaMetadata']).toMatchObject({
      mediaStreams: { [screen.endpointId]: { alias: 'screenshare' } },
    });
    browser.devices.captured[0]?.getVideoTracks()[0]?.end();
    await settle();
    expect(server.heard('offerSdp').at(-1)?.['mediaMetadata']).toMatchObject({ mediaStreams: {} });
    expect(ended).toHaveBeenCalledExactlyOnceWith({ stream: screen, kind: 'video' });
  });

  it('can be stopped, and is not muted with the camera', async () => {
    const { server, client } = await connected();
    const screen = await client.shareScreen();
    client.setCameraEnabled(false);
    expect(screen.mediaStream.getVideoTracks()[0]?.enabled).toBe(true);
    await client.stopScreen();
    await client.stopScreen();
    expect(server.heard('offerSdp')).toHaveLength(3);
  });
});

describe('mute and DTMF', () => {
  it('switch tracks off and on without telling the server', async () => {
    const { server, client } = await connected();
    const first = cameraStream('A');
    const second = cameraStream('B');
    await client.publish(first.asStream);
    await client.publish(second.asStream);
    const offers = server.heard('offerSdp').length;
    client.setMicEnabled(false);
    client.setCameraEnabled(false, 'B');
    expect([...first.getTracks(), ...second.getTracks()].map(({ enabled }) => enabled)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    client.setMicEnabled(true, first.asStream);
    expect(first.getAudioTracks()[0]?.enabled).toBe(true);
    expect(server.heard('offerSdp')).toHaveLength(offers);
  });

  it('sends digits in every stream or in one', async () => {
    const { browser, client } = await connected();
    await client.publish(cameraStream('A').asStream);
    await client.publish(cameraStream('B').asStream);
    client.sendDtmf('12#');
    client.sendDtmf('3', 'B');
    const tones = browser.peers[0]!.transceivers.map(({ sender }) => sender.tones.join(' '));
    expect(tones).toEqual(['12#', '', '12# 3', '']);
  });

  it('passes over a screen without sound', async () => {
    const { browser, client } = await connected();
    await client.shareScreen();
    await client.publish(cameraStream('A').asStream);
    client.sendDtmf('1');
    expect(browser.peers[0]!.transceivers.flatMap(({ sender }) => sender.tones)).toEqual(['1']);
  });

  it('refuses digits where there is no sound', async () => {
    const { client } = await connected();
    await client.publish(new FakeStream('V', [new FakeTrack('video', 'v')]).asStream);
    expect(() => client.sendDtmf('1', 'V')).toThrow(expect.objectContaining({ code: 'unsupported' }) as Error);
  });
});
