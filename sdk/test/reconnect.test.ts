import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backOff } from '../src/socket.js';
import { cameraStream, FakeTrack } from './fake_media.js';
import { connected, outcome, settle } from './fake_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(client: Awaited<ReturnType<typeof connected>>['client']): string[] {
  const heard: string[] = [];
  client.on('reconnecting', ({ attempt, delay }) => heard.push(`reconnecting ${attempt} in ${delay}`));
  client.on('reconnected', ({ restarted }) => heard.push(`reconnected${restarted ? ' restarted' : ''}`));
  client.on('closed', ({ code }) => heard.push(`closed ${code}`));
  return heard;
}

describe('a lost socket', () => {
  it('backs off to five seconds, with up to a quarter of jitter', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((attempt) => backOff(attempt, 0))).toEqual([
      250, 500, 1000, 2000, 4000, 5000, 5000,
    ]);
    expect(backOff(1, 1)).toBe(313);
    expect(backOff(60, 1)).toBe(6250);
  });

  it('comes back to the same address, says so, and leaves media alone', async () => {
    const { browser, server, client } = await connected();
    const heard = watch(client);
    await client.publish(cameraStream('s').asStream);
    server.up = false;
    server.said = [];
    server.socket.end(1006);
    await vi.advanceTimersByTimeAsync(250);
    server.up = true;
    await vi.advanceTimersByTimeAsync(500);
    expect(heard).toEqual(['reconnecting 1 in 250', 'reconnecting 2 in 500', 'reconnected']);
    expect(new Set(browser.sockets.map(({ url }) => url)).size).toBe(1);
    expect(server.said.map(({ method }) => method)).toEqual(['setMediaPreferences']);
    expect(browser.peers.map(({ closed }) => closed)).toEqual([false]);
  });

  it('starts with the shortest delay again after it was back', async () => {
    const { server, client } = await connected();
    const heard = watch(client);
    for (let loss = 0; loss < 2; ++loss) {
      server.socket.end(1012);
      await vi.advanceTimersByTimeAsync(250);
    }
    expect(heard.filter((line) => line.startsWith('reconnecting'))).toEqual(Array(2).fill('reconnecting 1 in 250'));
  });

  it('is noticed when nobody answers a ping', async () => {
    const { browser, server, client } = await connected();
    const heard = watch(client);
    server.answers['ping'] = () => 'silence';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(heard).toEqual(['reconnecting 1 in 250']);
    expect(browser.sockets[0]?.closedWith).toBe(4000);
  });

  it('is not waited for when the network comes back', async () => {
    const { browser, server, client } = await connected();
    const heard = watch(client);
    server.up = false;
    server.socket.end(1006);
    await vi.advanceTimersByTimeAsync(5_000);
    server.up = true;
    browser.fire('online');
    await settle();
    expect(heard.at(-1)).toBe('reconnected');
  });

  it('closes for good on 1000, with the reason that was given', async () => {
    const { browser, server, client } = await connected();
    const heard = watch(client);
    await client.publish();
    server.refuse('replaced');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard).toEqual(['closed replaced']);
    expect(browser.sockets).toHaveLength(1);
    expect(browser.devices.captured[0]?.getTracks().map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
  });
});

describe('publish over a lost socket', () => {
  it('offers again after reconnecting, and resolves', async () => {
    const { server, client } = await connected();
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => 'silence';
    const publishing = outcome(client.publish(cameraStream('s').asStream));
    await settle();
    server.socket.end(1006);
    server.answers['offerSdp'] = answer;
    await vi.advanceTimersByTimeAsync(250);
    expect(publishing.value).toMatchObject({ endpointId: 's', mediaTypes: ['AUDIO', 'VIDEO'] });
    expect(server.heard('offerSdp')).toHaveLength(3);
  });

  it('waits when it is called while there is no socket', async () => {
    const { server, client } = await connected();
    server.socket.end(1006);
    const publishing = outcome(client.publish(cameraStream('s').asStream));
    await settle();
    expect(publishing.settled).toBe(false);
    await vi.advanceTimersByTimeAsync(250);
    expect(publishing.value).toMatchObject({ endpointId: 's' });
  });
});

describe('a restarted server', () => {
  it('gets an offer of another connection at once, with all that is published', async () => {
    const { browser, server, client } = await connected();
    const heard = watch(client);
    const video = [{ mimeType: 'video/H264', clockRate: 90_000 }];
    await client.publish(cameraStream('s').asStream, { alias: 'usermedia', codecPreferences: { video } });
    await client.publish(cameraStream('t').asStream);
    const [before] = browser.peers;
    const other = new FakeTrack('video', 'other');
    await before?.transceivers[1]?.sender.replaceTrack(other);
    server.said = [];
    server.restart();
    await vi.advanceTimersByTimeAsync(250);
    expect(heard.at(-1)).toBe('reconnected restarted');
    expect(server.heard('offerSdp')).toEqual([
      expect.objectContaining({
        mediaMetadata: expect.objectContaining({ mediaStreams: { s: { alias: 'usermedia' }, t: {} } }) as object,
      }),
    ]);
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, false]);
    const published = browser.peers[1]?.transceivers.map(({ sender, init, codecs }) => ({
      stream: init.streams[0]?.id,
      track: sender.track?.id,
      codecs,
    }));
    expect(published).toEqual([
      { stream: 's', track: 's-a', codecs: [] },
      { stream: 's', track: 'other', codecs: video },
      { stream: 't', track: 't-a', codecs: [] },
      { stream: 't', track: 't-v', codecs: [] },
    ]);
    await client.unpublish('s');
    expect(browser.peers[1]?.transceivers.map(({ stopped }) => stopped)).toEqual([true, true, false, false]);
  });

  it('gets nothing more from a client that disconnects meanwhile', async () => {
    const { browser, server, client } = await connected();
    await client.publish(cameraStream('s').asStream);
    server.answers['offerSdp'] = () => 'silence';
    server.restart();
    await vi.advanceTimersByTimeAsync(250);
    void client.disconnect();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, true]);
  });

  it('gets it also when it only forgot this device', async () => {
    const { server, client } = await connected();
    await client.publish(cameraStream('s').asStream);
    server.hello = { ...server.hello, resumed: false };
    server.said = [];
    server.socket.end(1006);
    await vi.advanceTimersByTimeAsync(250);
    expect(server.heard('offerSdp')).toHaveLength(1);
  });

  it('hears the preferences again from a device that publishes nothing', async () => {
    const { server, client } = await connected();
    const heard = watch(client);
    server.said = [];
    server.restart();
    await vi.advanceTimersByTimeAsync(250);
    expect(heard.at(-1)).toBe('reconnected restarted');
    expect(server.heard('setMediaPreferences')).toHaveLength(1);
  });

  it('gets one offer, not two, from a device that was waiting for an answer', async () => {
    const { browser, server, client } = await connected();
    await client.publish(cameraStream('s').asStream);
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => 'silence';
    const publishing = outcome(client.publish(cameraStream('second').asStream));
    await settle();
    server.answers['offerSdp'] = answer;
    server.said = [];
    server.restart();
    await vi.advanceTimersByTimeAsync(250);
    expect(publishing.value).toMatchObject({ endpointId: 'second' });
    const [offer, ...more] = server.heard('offerSdp');
    expect(offer?.['sdpOffer']).toMatch(/msid:s s-a.*msid:second second-a/s);
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, false]);
    expect(more).toEqual([]);
  });

  it('gets an offer of another connection also when the answer of the one before is still being applied', async () => {
    const { browser, server, client } = await connected();
    await client.publish(cameraStream('s').asStream);
    const [peer] = browser.peers;
    let apply = () => {};
    const applied = new Promise<void>((resolve) => (apply = resolve));
    const setRemote = peer!.setRemoteDescription.bind(peer);
    vi.spyOn(peer!, 'setRemoteDescription').mockImplementationOnce(async (answer) => {
      await applied;
      return setRemote(answer);
    });
    peer!.become('failed');
    await settle();
    server.said = [];
    server.restart();
    await vi.advanceTimersByTimeAsync(250);
    expect(server.heard('offerSdp')).toEqual([]);
    apply();
    await settle();
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, false]);
    expect(server.heard('offerSdp')).toHaveLength(1);
  });

  it('gets yet another when its answer could not be applied', async () => {
    const { browser, server, client } = await connected();
    await client.publish(cameraStream('s').asStream);
    server.restart();
    const create = browser.createPeerConnection.bind(browser);
    vi.spyOn(browser, 'createPeerConnection').mockImplementationOnce((configuration) => {
      const peer = create(configuration);
      browser.peers.at(-1)!.refuseRemote = true;
      return peer;
    });
    await vi.advanceTimersByTimeAsync(250);
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, true, false]);
  });

  it('is asked every five seconds until it answers', async () => {
    const { server, client } = await connected();
    await client.publish(cameraStream('s').asStream);
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => ({ error: { code: -32000, message: 'starting' } });
    server.said = [];
    server.restart();
    await vi.advanceTimersByTimeAsync(5_250);
    expect(server.heard('offerSdp')).toHaveLength(2);
    server.answers['offerSdp'] = answer;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.heard('offerSdp')).toHaveLength(3);
  });
});
