import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeBrowser } from '../fake_browser.js';
import { outcome } from '../fake_server.js';
import { head, person, view } from './call_fixtures.js';
import { called, issue, kBoth, running, talking } from './call_with_media.js';
import { connected, settle, watch } from './fake_jsapi_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const mediaUrls = (browser: FakeBrowser) => browser.sockets.map(({ url }) => url).filter((url) => url.includes('/v3/'));

describe('devices (MED-3)', () => {
  it('are opened before `call.accept` is sent', async () => {
    const { server, call, browser } = await called();
    const capture = vi.spyOn(browser.devices, 'getUserMedia').mockImplementation(async (constraints) => {
      expect([constraints, server.heard('call.accept')]).toEqual([kBoth, []]);
      capture.mockRestore();
      return browser.devices.getUserMedia(constraints);
    });
    const done = call.accept();
    expect(call.pendingAction).toBe('accept');
    await done;
    expect(server.heard('call.accept')).toEqual([{ callId: 'm7', media: kBoth }]);
    expect(call.pendingAction).toBeUndefined();
  });

  it.each([
    ['NotAllowedError', 'media_denied', 4601],
    ['NotFoundError', 'no_device', 4602],
    ['NotReadableError', 'no_device', 4602],
  ])('A32: without them nothing is sent: %s', async (failure, name, code) => {
    const { server, call, browser } = await called();
    browser.devices.failures = [failure];
    await expect(call.accept()).rejects.toMatchObject({ name, code });
    expect([server.heard('call.accept'), call.pendingAction, call.role]).toEqual([[], undefined, 'receiver']);
    await call.accept({ audio: false, video: false });
    expect(server.heard('call.accept')).toEqual([{ callId: 'm7', media: { audio: false, video: false } }]);
    expect(running(browser)).toBe(0);
  });

  it('ANS-5: no more is opened than the call allows', async () => {
    const { server, call, browser } = await called({ audio: true, video: false });
    await call.accept();
    expect(browser.devices.constraints).toEqual([{ audio: true, video: false }]);
    expect(server.heard('call.accept')[0].media).toEqual({ audio: true, video: false });
  });

  it('are released when the answer is refused', async () => {
    const { server, call, browser } = await called();
    server.answers['call.accept'] = { error: [4092, 'call_ended', { endReason: 'cancelled' }] };
    await expect(call.accept()).rejects.toMatchObject({ name: 'call_ended' });
    expect(running(browser)).toBe(0);
  });

  it('A14: are released when the call ends while they open, and nothing is sent', async () => {
    const { server, call, browser } = await called();
    let open: (() => void) | undefined;
    const real = browser.devices.getUserMedia.bind(browser.devices);
    vi.spyOn(browser.devices, 'getUserMedia').mockImplementation(async (constraints) => {
      await new Promise<void>((resolve) => (open = resolve));
      return real(constraints);
    });
    const done = outcome(call.accept());
    await settle();
    server.tell('call.end', { ...head(2), endReason: 'cancelled' });
    open!();
    await settle();
    expect(done.error).toMatchObject({ name: 'call_ended' });
    expect([server.heard('call.accept'), running(browser)]).toEqual([[], 0]);
  });

  it('A52: of who comes back late stay open, whatever is told of others meanwhile', async () => {
    const { server, call, browser } = await called();
    server.tell('call.ringing_timeout', { ...head(2), profileId: 'a' });
    server.answers['call.accept'] = ({ media }) => {
      server.tell('call.accept', { ...head(4), profileId: 'a', connectionId: 'c1', media });
      return {};
    };
    const real = browser.devices.getUserMedia.bind(browser.devices);
    vi.spyOn(browser.devices, 'getUserMedia').mockImplementation(async (constraints) => {
      server.tell('call.hold', { ...head(3), profileId: 'b' });
      return real(constraints);
    });
    const done = call.accept();
    expect(call.pendingAction).toBe('accept');
    await done;
    expect([call.role, running(browser), browser.devices.constraints.length]).toEqual(['active receiver', 2, 1]);
  });

  it('of an opened call open meanwhile; without them it is hung up with that error', async () => {
    const { jsapi, server, browser } = await connected();
    const fine = jsapi.openCall('a', 'b', null, kBoth);
    expect(server.heard('call.init')).toHaveLength(1);
    await settle();
    expect([running(browser), fine.me?.stream?.getTracks().length]).toEqual([2, 2]);
    browser.devices.failures = ['NotAllowedError'];
    const call = jsapi.openCall('a', 'c');
    await settle();
    server.tell('call.init', {
      ...{ ...head(1, 0), call: view({ to: ['c'] }), connectionId: 'c1' },
      localId: server.heard('call.init')[1].localId,
    });
    server.answer('call.init', { callId: 'm7', chainId: 'm7' });
    await settle();
    expect(server.heard('call.hangup')).toEqual([{ callId: 'm7', connectionId: 'c1' }]);
    expect(call.error).toMatchObject({ name: 'media_denied' });
  });
});

describe('media (section 11)', () => {
  it('A10: joins with the token that it was given, and publishes under its profile', async () => {
    const { call, browser, media } = await talking();
    expect(mediaUrls(browser)).toEqual([
      expect.stringMatching(/^wss:\/\/page\.example\/v3\/\?token=t1&client=crosspoint&/),
    ]);
    const { mediaMetadata } = media.heard('offerSdp').at(-1) as any;
    expect(Object.values(mediaMetadata.mediaStreams)).toEqual([{ alias: 'a' }]);
    expect([call.me?.stream?.getTracks().length, call.me?.mediaState]).toEqual([2, 'connecting']);
  });

  it('MED-11: the offer with all tracks travels with the handshake', async () => {
    const { call, server, media } = await called();
    media.answers['setMediaPreferences'] = () => 'silence';
    await call.accept();
    issue(server, 3, 1);
    await settle();
    expect(media.said.map(({ method }) => method)).toEqual(['setMediaPreferences', 'offerSdp']);
    expect((media.heard('offerSdp')[0]!['sdpOffer'] as string).match(/^m=\w+/gm)).toHaveLength(3);
  });

  it('publishes no more than is granted, and releases the rest', async () => {
    const { server, call, browser } = await called();
    await call.accept();
    issue(server, 3, 1, { audio: true, video: false });
    await settle();
    expect(call.me?.stream?.getTracks().map(({ kind }) => kind)).toEqual(['audio']);
    expect(running(browser)).toBe(1);
  });

  it('MED-4: a new epoch takes the place of the old one, and an old one is passed over', async () => {
    const { server, browser, media } = await talking();
    issue(server, 4, 3);
    await settle();
    issue(server, 5, 2);
    await settle();
    expect(mediaUrls(browser).map((url) => new URL(url).searchParams.get('token'))).toEqual(['t1', 't3']);
    expect(media.heard('leave')).toHaveLength(1);
    expect(running(browser)).toBe(2);
  });

  it('SEQ-7: media that came before the reply to an opening that was sent again are of the call opened', async () => {
    const { jsapi, server, browser, media } = await connected();
    const call = jsapi.openCall('a', 'b', null, kBoth);
    await settle();
    server.onhello = () => {
      server.greet({ resumed: true, fresh: true });
      const me = person('a', { role: 'initiator', state: 'active', activeConnectionId: 'c1' });
      const b = person('b', { state: 'active', activeConnectionId: 'c3' });
      const state = view({ rev: 3, state: 'active', participants: [me, b] });
      server.tell('call.state', { ...head(3, 0), call: state, role: 'active initiator' });
      issue(server, 4, 2);
      server.done();
    };
    server.socket.end(1006);
    await settle();
    await media.offer({ early: 'av' });
    server.answer('call.init', { callId: 'm7', chainId: 'm7' });
    await settle();
    const streams = () => call.participants.map(({ stream }) => stream?.getTracks().length);
    expect([streams(), running(browser), mediaUrls(browser).length]).toEqual([[2, 2], 2, 1]);
    await media.offer({ early: '', late: 'a' });
    expect(streams()).toEqual([2, 1]);
    server.tell('call.end', { ...head(5), endReason: 'hangup' });
    await settle();
    expect([streams(), running(browser), media.heard('leave').length]).toEqual([[undefined, undefined], 0, 1]);
  });

  it('CON-6: a page that was reloaded opens its devices when media comes, or receives without', async () => {
    for (const failures of [[], ['NotAllowedError']]) {
      const { server, browser, media, jsapi } = await connected();
      const me = person('a', { role: 'initiator', state: 'active', activeConnectionId: 'c1' });
      const b = person('b', { state: 'active', activeConnectionId: 'c3' });
      const call = view({ state: 'active', participants: [me, b] });
      server.tell('call.state', { ...head(1, 0), call, role: 'active initiator' });
      browser.devices.failures = [...failures];
      issue(server, 2, 2);
      await settle();
      expect(running(browser)).toBe(failures.length ? 0 : 2);
      expect([media.heard('setMediaPreferences').length, jsapi.getCall('m7')?.me?.mediaState]).toEqual([
        1,
        'connecting',
      ]);
    }
  });

  it('shows the streams of others, and renders them', async () => {
    const { call, browser, media } = await talking();
    const other = call.participants.find(({ id }) => id === 'b')!;
    const heard = vi.fn();
    other.on('stream', heard);
    browser.containers = { big: [], small: [] };
    const video = other.render({ containerId: 'big', width: 640, height: 480 });
    call.me!.render({ containerId: 'small' });
    expect(browser.containers['big']).toMatchObject([
      { size: { width: 640, height: 480 }, srcObject: null, muted: false },
    ]);
    expect(browser.containers['small']).toMatchObject([{ srcObject: call.me!.stream, muted: true }]);
    await media.offer({ far: 'av' });
    expect(heard).toHaveBeenCalledExactlyOnceWith(other.stream);
    expect([video.srcObject, other.stream?.id]).toEqual([other.stream, 'far']);
    await media.offer({ far: '' });
    expect([video.srcObject, other.stream]).toEqual([null, undefined]);
    expect(() => other.render({ containerId: 'nowhere' })).toThrow(expect.objectContaining({ name: 'bad_argument' }));
  });

  it('MED-5: leaving stops devices at once, and takes the videos from the page', async () => {
    const { server, call, browser, media } = await talking();
    browser.containers = { big: [] };
    call.participants[0]!.render({ containerId: 'big' });
    server.answers['call.hangup'] = () => {
      server.tell('call.hangup', { ...head(4), profileId: 'a', connectionId: 'c1' });
      server.tell('call.end', { ...head(5), endReason: 'hangup' });
      return {};
    };
    const done = call.hangup();
    expect(running(browser)).toBe(0);
    await Promise.all([done, settle()]);
    expect(media.heard('leave')).toHaveLength(1);
    expect([browser.containers['big'], call.participants[0]?.stream]).toEqual([[], undefined]);
    expect(browser.peers.every(({ closed }) => closed)).toBe(true);
  });

  it('who has hung up gets no media any more, though it may be on its way', async () => {
    const { server, call, browser } = await called();
    await call.accept();
    void call.hangup().catch(() => undefined);
    issue(server, 3, 1);
    await settle();
    expect([running(browser), mediaUrls(browser)]).toEqual([0, []]);
  });

  it('A54: a handoff to another device ends them here', async () => {
    const { server, call, browser, media } = await talking();
    server.tell('call.activate', { ...head(4), profileId: 'a', connectionId: 'c2', from: 'c1' });
    await settle();
    expect([call.role, running(browser), media.heard('leave').length]).toEqual(['passive receiver', 0, 1]);
  });

  it('A37: a lost messaging socket leaves them alone', async () => {
    const { server, call, browser, media } = await talking();
    server.resumes();
    server.socket.end(1012);
    await settle();
    expect([running(browser), media.heard('leave'), call.state]).toEqual([2, [], 'active']);
  });

  it('a merged call inherits the devices of the one that gave way (GLR-1)', async () => {
    const { jsapi, server, call, browser } = await called();
    const opened = jsapi.openCall('a', 'b', 'm7', kBoth);
    await settle();
    const lines = watch(jsapi);
    const { localId } = opened;
    server.tell('call.accept', { ...head(2), profileId: 'a', connectionId: 'c1', media: kBoth, localId });
    server.answer('call.init', { callId: 'm7', chainId: 'm7', merged: true });
    issue(server, 3, 1);
    await settle();
    expect(lines.at(-1)).toBe('call:accepted m7 a c1');
    expect([running(browser), browser.devices.captured.length, call.me?.stream?.getTracks().length]).toEqual([2, 1, 2]);
    expect(opened.me?.stream).toBeUndefined();
  });

  it('a media server that refuses is logged, and left to the server to notice (MED-7)', async () => {
    const { server, call, log, media } = await called();
    media.answers['setMediaPreferences'] = () => 'silence';
    await call.accept();
    issue(server, 3, 1);
    await settle();
    media.refuse('tokenInvalid');
    await settle();
    expect(log.at(-1)).toMatch(/^warn media of call m7: .*tokenInvalid/);
    expect(call.state).toBe('active');
  });

  it('a hundred calls leave no track, peer connection or listener behind', async () => {
    const { jsapi, server, browser } = await connected();
    const before = [browser.listenerCount, vi.getTimerCount()];
    server.answers['call.accept'] = {};
    for (let count = 0; count < 100; ++count) {
      const callId = `m${count}`;
      const of = (rev: number) => head(rev, rev - 1, callId);
      const { participants } = view();
      const call = view({
        id: callId,
        from: 'b',
        to: ['a'],
        connectionId: 'c3',
        participants: [...participants].reverse(),
      });
      server.tell('call.init', { ...of(1), call, receiver: 'a', connectionId: 'c3', role: 'receiver' });
      const done = jsapi.getCall(callId)!.accept();
      await settle();
      server.tell('call.accept', { ...of(2), profileId: 'a', connectionId: 'c1', media: kBoth });
      await Promise.all([done.catch(() => undefined), settle()]);
      server.tell('call.end', { ...of(3), endReason: 'hangup' });
      await settle();
    }
    expect([browser.listenerCount, vi.getTimerCount(), running(browser)]).toEqual([...before, 0]);
    expect(browser.peers.every(({ closed }) => closed)).toBe(true);
  });
});
