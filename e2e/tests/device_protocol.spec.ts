import { randomUUID } from 'node:crypto';
import { dataOnlyOffer, RawDevice } from '../lib/device.js';
import { expect, test } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';
import { until } from '../lib/until.js';

test('a bad token is let in and closed with 1000, or the client would come back for ever', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const { token, ...deleted } = await room.participant();
  await room.delete({ token, ...deleted });
  const good = await room.participant();
  const [head, claims] = good.token.split('.');
  for (const bad of ['', 'x', 'a.b.c', `${head}.${claims}.`, `${good.token.slice(0, -4)}AAAA`, token])
    expect(await (await RawDevice.open(server.websocketUrl, bad)).closed()).toBe(1000);
});

test('the paths that clients use', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  for (const path of ['/v3/', '/v3', '//v3/']) {
    const { token } = await room.participant();
    const device = await RawDevice.open(server.websocketUrl, token, { path });
    expect((await device.prefer()).result).toEqual({});
    device.close();
  }
});

test('ids come back with their type, unknown methods are told so, unknown notifications are not', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const { token } = await room.participant();
  const device = await RawDevice.open(server.websocketUrl, token);
  const uuid = randomUUID();
  expect(await device.request('setMediaPreferences', { protocol: 'WEBRTC' }, uuid)).toEqual({
    jsonrpc: '2.0',
    id: uuid,
    result: {},
  });
  expect(await device.request('ping', {}, 7)).toMatchObject({ jsonrpc: '2.0', id: 7 });
  expect((await device.request('becomeAdmin', {}, '7')).error?.code).toBe(-32601);
  device.notify('becomeAdmin', {});
  device.notify('deviceDiagnostics', { logs: [{ level: 'info', timestamp: 1, message: ['x'.repeat(100_000)] }] });
  expect((await device.request('ping', {})).result).toBeDefined();
  expect(device.frames).toHaveLength(4);
  expect(device.frames.every((frame) => 'result' in frame !== 'error' in frame)).toBe(true);
  expect(device.binaryFrames).toBe(0);
  device.close();
});

test('methods out of order and with wrong params are errors, and the device goes on', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const { token } = await room.participant();
  const device = await RawDevice.open(server.websocketUrl, token);
  const code = async (method: string, params: unknown) => (await device.request(method, params)).error?.code;
  expect(await code('answerSdp', { sdpAnswer: 'v=0\r\n' })).toBeLessThan(0);
  expect(await code('answerSdp', {})).toBeLessThan(0);
  expect(await code('offerSdp', {})).toBeLessThan(0);
  expect(await code('offerSdp', { sdpOffer: 'not sdp', mediaMetadata: { mediaStreams: {} } })).toBeLessThan(0);
  expect(await code('offerSdp', [1, 2])).toBeLessThan(0);
  expect((await device.prefer()).result).toEqual({});
  const answer = await device.request('offerSdp', dataOnlyOffer());
  expect(answer.result).toMatchObject({ endpointId: expect.any(String), streamMetadata: {} });
  const sdp: string = answer.result.sdpAnswer;
  expect(sdp).toContain('a=setup:passive');
  expect(sdp).toContain('a=ice-lite');
  expect(sdp).toMatch(/a=candidate:.* typ host/);
  expect(sdp).toMatch(/m=application [1-9]\d* UDP\/DTLS\/SCTP webrtc-datachannel/);
  device.close();
});

test('what is not JSON-RPC gets an error or a close, and disturbs nobody', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const quiet = await RawDevice.open(server.websocketUrl, (await room.participant()).token);
  await quiet.prefer();
  const { token } = await room.participant();
  for (const frame of ['{', 'null', '[]', '{"id":1}', '"x"', '{"jsonrpc":"2.0","id":{},"method":"ping"}', '\u0000']) {
    const device = await RawDevice.open(server.websocketUrl, token);
    device.send(frame);
    await until(`an answer to ${frame}`, 10, () => device.frames.length > 0 || device.closeCode !== undefined);
    if (device.closeCode === undefined) expect(device.frames[0].error.code).toBeLessThan(0);
    device.close();
    await device.closed();
  }
  const binary = await RawDevice.open(server.websocketUrl, token);
  binary.send(Buffer.from('{"jsonrpc":"2.0","method":"ping","params":{},"id":1}'));
  await until('binary is refused', 10, () => binary.closeCode !== undefined || binary.frames[0]?.error);
  const large = await RawDevice.open(server.websocketUrl, token);
  large.send(JSON.stringify({ jsonrpc: '2.0', method: 'ping', params: { x: 'y'.repeat(20_000_000) }, id: 1 }));
  expect([1006, 1009]).toContain(await large.closed());
  expect((await quiet.request('ping', {})).result).toBeDefined();
  quiet.close();
});

test('leave is followed by the closing handshake with 1000, and a zombie of the device is sent away', async ({
  stage,
}) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const { token } = await room.participant();
  const uniqueId = randomUUID();
  const device = await RawDevice.open(server.websocketUrl, token, { uniqueId });
  await device.prefer();
  device.notify('leave');
  device.notify('deviceDiagnostics', { logs: [] });
  device.notify('leave');
  device.close(1000);
  expect(await device.closed()).toBe(1000);
  const zombie = await RawDevice.open(server.websocketUrl, token, { uniqueId });
  expect(await zombie.closed(30)).toBe(1000);
  const next = await RawDevice.open(server.websocketUrl, token);
  expect((await next.prefer()).result).toEqual({});
  next.close();
});

test('a second device replaces the first, the same one that comes back does not lose its place', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const { token } = await room.participant();
  const first = await RawDevice.open(server.websocketUrl, token);
  await first.prefer();
  const uniqueId = randomUUID();
  const second = await RawDevice.open(server.websocketUrl, token, { uniqueId });
  await second.prefer();
  expect(await first.closed()).toBe(1000);

  second.vanish();
  const back = await RawDevice.open(server.websocketUrl, token, { uniqueId });
  expect((await back.request('ping', {})).result).toBeDefined();
  expect(back.closeCode).toBeUndefined();
  back.close();
});

test('deleting a participant closes its device with 1000, removing it from the session does not', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const member = await room.participant();
  await room.add(member);
  const device = await RawDevice.open(server.websocketUrl, member.token);
  await device.prefer();
  await room.remove(member);
  expect((await device.request('ping', {})).result).toBeDefined();
  await room.delete(member);
  expect(await device.closed()).toBe(1000);
});

test('offers come one at a time, with growing revisions, also for a device that comes back', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  await alice.client.publish({ alias: 'one' });
  const listener = await room.participant();
  await room.add(listener);
  const uniqueId = randomUUID();
  const device = await RawDevice.open(server.websocketUrl, listener.token, { uniqueId });
  await device.prefer();
  await until('the first offer', 10, () => device.offers.length === 1);
  const [offer] = device.offers;
  expect(offer!.sdpRevision).toBeGreaterThan(0);
  expect(offer!.sdpRevision).toBeLessThan(2 ** 31);
  expect(offer!.endpointId).toEqual(expect.any(String));
  expect(Object.values(offer!.streamMetadata)).toEqual([
    { endpointId: expect.any(String), mediaTypes: ['AUDIO', 'VIDEO'], alias: 'one', participantId: alice.member.id },
  ]);
  for (const streamId of Object.keys(offer!.streamMetadata))
    expect(offer!.sdpOffer.split(`a=msid:${streamId} `)).toHaveLength(3);
  expect(offer!.sdpOffer).not.toContain('a=setup:passive');
  expect(offer!.sdpOffer).toMatch(/a=candidate:.* typ host/);

  // It has not answered, so it hears nothing of the second stream until it comes back.
  await alice.client.publish({ audio: false, alias: 'two' });
  await device.request('ping', {});
  expect(device.offers).toHaveLength(1);
  device.vanish();
  const back = await RawDevice.open(server.websocketUrl, listener.token, { uniqueId });
  await until('an offer for the device that is back', 10, () => back.offers.length > 0);
  expect(back.offers[0]!.sdpRevision).toBeGreaterThan(offer!.sdpRevision);
  expect(Object.keys(back.offers[0]!.streamMetadata)).toHaveLength(2);
  back.close();
});
