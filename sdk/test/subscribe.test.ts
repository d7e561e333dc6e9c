import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withServerAsDtlsClient } from '../src/subscriber.js';
import { connected, settle } from './fake_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function subscribed() {
  const all = await connected();
  const heard: string[] = [];
  all.client.onStreamAvailable(({ endpointId, mediaTypes }) => heard.push(`+${endpointId} ${mediaTypes.join()}`));
  all.client.onStreamUnavailable((endpointId) => heard.push(`-${endpointId}`));
  return { ...all, heard };
}

describe('an offer of the server', () => {
  it('is answered, with the server as DTLS client', async () => {
    const { browser, server } = await subscribed();
    await server.offer({ S: 'av' });
    expect(server.heard('answerSdp')).toEqual([{ sdpAnswer: 'a=setup:passive\r\n' }]);
    expect(browser.peers[0]?.applied).toEqual(['remote offer', 'local answer', 'a=setup:passive']);
    expect(withServerAsDtlsClient('a=setup:actpass\r\na=setup:active\r\n')).toBe(
      'a=setup:active\r\na=setup:active\r\n',
    );
  });

  it('announces each stream once, with all its tracks and what the server says of it', async () => {
    const { server, client, heard } = await subscribed();
    const streams: object[] = [];
    client.on('streamAvailable', (stream) => streams.push(stream));
    await server.offer({ S: 'av' });
    await server.offer({ S: 'av', T: 'a' });
    expect(heard).toEqual(['+S AUDIO,VIDEO', '+T AUDIO']);
    expect(streams[0]).toMatchObject({ endpointId: 'S', participantId: 'publisher-of-S' });
    expect(client.streams.map(({ mediaStream }) => mediaStream.getTracks().length)).toEqual([2, 1]);
  });

  it('says nothing when one of two tracks goes or comes, and once when the last has gone', async () => {
    const { server, heard } = await subscribed();
    await server.offer({ S: 'av' });
    await server.offer({ S: 'a' });
    await server.offer({ S: 'av' });
    await server.offer({ S: '' });
    await server.offer({ S: '' });
    expect(heard).toEqual(['+S AUDIO,VIDEO', '-S']);
  });

  it('tells that a stream has changed, which is the same object', async () => {
    const { client, server } = await subscribed();
    const changed = vi.fn();
    client.on('streamChanged', changed);
    await server.offer({ S: 'a' });
    const [stream] = client.streams;
    const { mediaStream } = stream!;
    await server.offer({ S: 'a', T: 'a' });
    expect(changed).not.toHaveBeenCalled();
    await server.offer({ S: 'av', T: 'a' });
    expect(changed.mock.calls).toEqual([[stream]]);
    expect([client.streams[0], stream?.mediaStream, stream?.mediaTypes]).toEqual([
      stream,
      mediaStream,
      ['AUDIO', 'VIDEO'],
    ]);
    await server.offer({ S: 'v', T: 'a' });
    expect([changed.mock.calls.length, stream?.mediaTypes]).toEqual([2, ['VIDEO']]);
  });

  it('announces a stream that comes back', async () => {
    const { server, heard } = await subscribed();
    await server.offer({ S: 'a' });
    await server.offer({ S: '' });
    await server.offer({ S: 'a' });
    expect(heard).toEqual(['+S AUDIO', '-S', '+S AUDIO']);
  });

  it('is ignored when its revision is not newer', async () => {
    const { server, heard } = await subscribed();
    await server.offer({ S: 'a' }, 7);
    await server.offer({ T: 'a' }, 7);
    await server.offer({ T: 'a' }, 6);
    expect(heard).toEqual(['+S AUDIO']);
    expect(server.heard('answerSdp')).toHaveLength(1);
  });

  it('is taken again when its answer was refused', async () => {
    const { server, heard } = await subscribed();
    const answer = server.answers['answerSdp']!;
    server.answers['answerSdp'] = () => ({ error: { code: -32000, message: 'again' } });
    await server.offer({ S: 'a' }, 3);
    server.answers['answerSdp'] = answer;
    await server.offer({ S: 'a' }, 3);
    await server.offer({ S: 'a' }, 3);
    expect(server.heard('answerSdp')).toHaveLength(2);
    expect(heard).toEqual(['+S AUDIO']);
  });

  it('is followed after the one before, however many come at once', async () => {
    const { server, heard } = await subscribed();
    void server.offer({ S: 'a' });
    void server.offer({ T: 'a' });
    await settle();
    expect(heard).toEqual(['+S AUDIO', '-S', '+T AUDIO']);
    expect(server.heard('answerSdp')).toHaveLength(2);
  });

  it('is followed after a lost socket swallowed the answer of the last', async () => {
    const { server, heard } = await subscribed();
    server.answers['answerSdp'] = () => 'silence';
    await server.offer({ S: 'a' });
    server.socket.end(1006);
    server.answers['answerSdp'] = () => ({ result: {} });
    await vi.advanceTimersByTimeAsync(250);
    await server.offer({ S: 'a', T: 'v' });
    expect(heard).toEqual(['+S AUDIO', '+T VIDEO']);
  });

  it('gets a new connection when it does not fit the old one', async () => {
    const { browser, server, heard } = await subscribed();
    await server.offer({ S: 'a' });
    browser.peers[0]!.refuseRemote = true;
    await server.offer({ S: 'a' });
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, false]);
    expect(heard).toEqual(['+S AUDIO', '-S', '+S AUDIO']);
    expect(server.heard('answerSdp')).toHaveLength(2);
  });
});

describe('an offer of a restarted server', () => {
  it('gets another connection, on which the streams go on', async () => {
    const { browser, server, client, heard } = await subscribed();
    await server.offer({ S: 'av', T: 'a', U: 'v' });
    const streams = new Map(client.streams.map(({ endpointId, mediaStream }) => [endpointId, mediaStream]));
    const before = streams.get('S')!.getTracks();
    const changed: string[] = [];
    client.on('streamChanged', ({ endpointId, mediaTypes }) => changed.push(`${endpointId} ${mediaTypes.join()}`));
    server.restart();
    await vi.advanceTimersByTimeAsync(250);
    expect(browser.peers[0]?.closed).toBe(false); // what is shown stays until there is something else to show
    heard.length = 0;
    await server.offer({ S: 'av', U: 'v' });
    expect(browser.peers.map(({ closed }) => closed)).toEqual([true, false]);
    expect(heard).toEqual(['-T']);
    expect(client.streams.map(({ mediaStream }) => mediaStream)).toEqual([streams.get('S'), streams.get('U')]);
    const after = streams.get('S')!.getTracks();
    expect(after.map(({ kind }) => kind)).toEqual(['audio', 'video']);
    expect(after.some((track) => before.includes(track))).toBe(false);
    // The ids are the same, and a change by script fires no event of the browser: without being told, nobody would know.
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(changed).toEqual(['S AUDIO,VIDEO', 'U VIDEO']);
    await server.offer({ S: 'av', U: 'v' });
    expect(changed).toHaveLength(2);
    // And the connection after it follows what becomes of them.
    await server.offer({ S: 'a', T: 'a' });
    expect(heard).toEqual(['-T', '-U', '+T AUDIO']);
    expect(
      streams
        .get('S')!
        .getTracks()
        .map(({ kind }) => kind),
    ).toEqual(['audio']);
  });
});

describe('the subscribing connection', () => {
  it('tells of its failure and leaves the repair to the server', async () => {
    const { browser, server, client } = await subscribed();
    const heard: string[] = [];
    client.on('failed', ({ connection }) => heard.push(`failed ${connection}`));
    client.on('recovered', ({ connection }) => heard.push(`recovered ${connection}`));
    await server.offer({ S: 'a' });
    server.said = [];
    browser.peers[0]?.become('failed');
    browser.peers[0]?.become('failed');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.said).toEqual([]);
    browser.peers[0]?.become('connected');
    expect(heard).toEqual(['failed subscribing', 'recovered subscribing']);
  });

  it('takes its streams with it when the client disconnects', async () => {
    const { server, client, heard } = await subscribed();
    await server.offer({ S: 'a' });
    await client.disconnect();
    expect(heard).toEqual(['+S AUDIO', '-S']);
    expect(client.streams).toEqual([]);
  });
});
