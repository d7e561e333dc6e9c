import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CrosspointError } from '../src/errors.js';
import { cameraStream, FakeStream, FakeTrack } from './fake_media.js';
import { connected, outcome, settle } from './fake_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Publishes a stream with sound, and with a picture if not told otherwise. */
async function published(stream = cameraStream('S')) {
  const all = await connected();
  await all.client.publish(stream.asStream, { alias: 'me' });
  const offers = () => all.server.heard('offerSdp').length;
  const sent = () => all.browser.peers[0]!.transceivers.map(({ sender }) => sender.track?.id ?? null);
  return { ...all, stream, offers, sent, peer: all.browser.peers[0]! };
}

const voice = () => new FakeStream('S', [new FakeTrack('audio', 'S-a')]);

describe('updateStream', () => {
  it('sends nothing of a kind that has gone, and another track when one is there again, without an offer', async () => {
    const { client, stream, offers, sent } = await published();
    const before = offers();
    const [microphone, camera] = stream.getTracks();
    stream.removeTrack(microphone!);
    const updated = await client.updateStream('S');
    expect([sent(), updated.mediaTypes, updated.alias]).toEqual([[null, 'S-v'], ['VIDEO'], 'me']);
    stream.addTrack(new FakeTrack('audio', 'other'));
    stream.removeTrack(camera!);
    expect((await client.updateStream(updated)).mediaTypes).toEqual(['AUDIO']);
    expect([sent(), offers()]).toEqual([['other', null], before]);
    expect(microphone!.readyState).toBe('live');
  });

  it('leaves alone what has stayed', async () => {
    const { client, peer, stream } = await published();
    const replaced = peer.transceivers.map(({ sender }) => vi.spyOn(sender, 'replaceTrack'));
    stream.removeTrack(stream.getAudioTracks()[0]!);
    await client.updateStream('S');
    await client.updateStream('S');
    expect(replaced.map((spy) => spy.mock.calls.flat())).toEqual([[null, null], []]);
  });

  it('offers once for a track of a further kind, in the same stream', async () => {
    const { client, server, stream, offers, sent } = await published(voice());
    const before = offers();
    stream.addTrack(new FakeTrack('video', 'cam'));
    expect((await client.updateStream('S')).mediaTypes).toEqual(['AUDIO', 'VIDEO']);
    expect([sent(), offers()]).toEqual([['S-a', 'cam'], before + 1]);
    const { sdpOffer, mediaMetadata } = server.heard('offerSdp').at(-1)!;
    expect(sdpOffer).toMatch(/m=audio\r\na=msid:S S-a[^]*m=video\r\na=msid:S cam/);
    expect(mediaMetadata).toMatchObject({ mediaStreams: { S: { alias: 'me' } } });
    stream.removeTrack(stream.getVideoTracks()[0]!);
    await client.updateStream('S');
    stream.addTrack(new FakeTrack('video', 'again'));
    await client.updateStream('S');
    expect([sent(), offers()]).toEqual([['S-a', 'again'], before + 1]);
  });

  it('offers again what the server has not taken before', async () => {
    const { client, server, stream, offers, peer } = await published();
    const [microphone] = stream.getTracks();
    stream.removeTrack(microphone!);
    await client.updateStream('S');
    const before = offers();
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => ({ result: { sdpAnswer: 'inactive:audio', endpointId: 'e' } });
    peer.become('failed');
    await settle();
    server.answers['offerSdp'] = answer;
    expect(offers()).toBe(before + 1);
    stream.addTrack(microphone!);
    await client.updateStream('S');
    await client.updateStream('S');
    expect([offers(), peer.transceivers[0]?.currentDirection]).toEqual([before + 2, 'sendonly']);
  });

  it('leaves no trace of a track that was refused', async () => {
    const { client, server, stream, offers, sent, peer } = await published(voice());
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => ({ error: { code: -32003, message: 'no' } });
    stream.addTrack(new FakeTrack('video', 'cam'));
    await expect(client.updateStream('S')).rejects.toMatchObject({ code: 'rejected' });
    expect(peer.transceivers.map(({ stopped }) => stopped)).toEqual([false, true]);
    server.answers['offerSdp'] = answer;
    await client.updateStream('S');
    expect(sent()).toEqual(['S-a', 'cam', 'cam']);
    const { sdpOffer } = server.heard('offerSdp').at(-1)!;
    expect([offers(), (sdpOffer as string).match(/m=video/g)?.length]).toEqual([4, 1]);
  });

  it('passes over a kind for which the server has no codec of the browser', async () => {
    const { client, server } = await connected();
    server.answers['offerSdp'] = () => ({ result: { sdpAnswer: 'rejected:video', endpointId: 'e' } });
    const stream = cameraStream('S');
    await client.publish(stream.asStream);
    const offers = server.heard('offerSdp').length;
    const [microphone, camera] = stream.getTracks();
    stream.removeTrack(microphone!);
    await client.updateStream('S');
    stream.removeTrack(camera!);
    await client.updateStream('S');
    expect(server.heard('offerSdp')).toHaveLength(offers);
    stream.addTrack(new FakeTrack('audio', 'other'));
    await client.updateStream('S');
    expect(server.heard('offerSdp')).toHaveLength(offers);
  });

  it('tries on another connection with the tracks that there are then', async () => {
    const { client, server, browser } = await connected();
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => ({ result: { sdpAnswer: 'rejected:video', endpointId: 'e' } });
    const stream = cameraStream('S');
    await client.publish(stream.asStream);
    const [microphone, camera] = stream.getTracks();
    const sent = () => browser.peers.at(-1)!.transceivers.map(({ sender }) => sender.track?.id);
    for (const [id, kinds] of [
      ['other', ['S-a', 'other']],
      [undefined, ['S-a']],
    ] as const) {
      stream.removeTrack(camera!);
      for (const track of stream.getVideoTracks()) stream.removeTrack(track);
      if (id) stream.addTrack(new FakeTrack('video', id));
      await client.updateStream('S');
      server.restart();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(sent()).toEqual(kinds);
    }
    server.answers['offerSdp'] = answer;
    stream.addTrack(camera!);
    await client.updateStream('S');
    expect([sent(), microphone!.readyState]).toEqual([['S-a', 'S-v'], 'live']);
  });

  it('says why it failed also when the client disconnects while tracks are exchanged', async () => {
    const { client, stream, peer } = await published();
    for (const track of stream.getTracks()) stream.removeTrack(track);
    vi.spyOn(peer.transceivers[0]!.sender, 'replaceTrack').mockImplementationOnce(() => client.disconnect());
    const update = outcome(client.updateStream('S'));
    await settle();
    expect(update.error).toBeInstanceOf(CrosspointError);
  });

  it('survives a lost connection', async () => {
    const { client, server, stream, sent } = await published(voice());
    server.up = false;
    server.socket.end(1006);
    stream.addTrack(new FakeTrack('video', 'cam'));
    const update = outcome(client.updateStream('S'));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(update.settled).toBe(false);
    server.up = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([update.value?.mediaTypes, sent()]).toEqual([
      ['AUDIO', 'VIDEO'],
      ['S-a', 'cam'],
    ]);
  });

  it('says why it failed when the client disconnects meanwhile', async () => {
    const { client, server, stream } = await published(voice());
    server.answers['offerSdp'] = () => 'silence';
    stream.addTrack(new FakeTrack('video', 'cam'));
    const update = outcome(client.updateStream('S'));
    await settle();
    await client.disconnect();
    await settle();
    expect(update.error).toBeInstanceOf(CrosspointError);
  });

  it('listens to the tracks that there are, and to how loud they are', async () => {
    const { client, browser, stream } = await published();
    const ended = vi.fn();
    client.on('localTrackEnded', ended);
    const off = client.watchAudioLevels(() => undefined);
    await vi.advanceTimersByTimeAsync(200);
    const microphone = stream.getAudioTracks()[0]!;
    stream.removeTrack(microphone);
    await client.updateStream('S');
    expect([microphone.listeners, browser.probes.map(({ open }) => open)]).toEqual([0, [false]]);
    const other = new FakeTrack('audio', 'other');
    stream.addTrack(other);
    await client.updateStream('S');
    await vi.advanceTimersByTimeAsync(200);
    other.end();
    expect(ended).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'audio' }));
    expect(browser.probes.map(({ open }) => open)).toEqual([false, true]);
    off();
  });

  it('meters nothing of a stream that is unpublished meanwhile', async () => {
    const { client, browser, server, stream } = await published(voice());
    const off = client.watchAudioLevels(() => undefined);
    await vi.advanceTimersByTimeAsync(200);
    const answer = server.answers['offerSdp']!;
    server.answers['offerSdp'] = () => 'silence';
    stream.addTrack(new FakeTrack('video', 'cam'));
    const update = outcome(client.updateStream('S'));
    await settle();
    const unpublished = outcome(client.unpublish('S'));
    server.answers['offerSdp'] = answer;
    server.socket.end(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(browser.probes.map(({ open }) => open)).toEqual([false]);
    expect([update.error, unpublished.settled]).toEqual([expect.objectContaining({ code: 'unsupported' }), true]);
    off();
  });

  it('is refused for what is not published', async () => {
    const { client } = await published();
    await expect(client.updateStream('unknown')).rejects.toMatchObject({ code: 'unsupported' });
    await client.disconnect();
    await expect(client.updateStream('S')).rejects.toMatchObject({ code: 'notConnected' });
  });
});
