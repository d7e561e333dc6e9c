import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MediaKinds } from '../../src/jsapi/messages.js';
import { outcome } from '../fake_server.js';
import { head, person, view as callView } from './call_fixtures.js';
import { called, issue, kBoth, running, talking } from './call_with_media.js';
import { connected, settle, type FakeJsapiServer } from './fake_jsapi_server.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const kVoice = { audio: true, video: false };

/** Takes every `call.update` of this user from this revision on. */
function allow(server: FakeJsapiServer, rev = 4): void {
  server.answers['call.update'] = ({ media }: { media: MediaKinds }) => {
    server.tell('call.update', { ...head(rev++), profileId: 'a', media, options: kBoth });
    return {};
  };
}

/** A call with media in which updates are allowed. */
async function updating(options = kBoth) {
  const all = await talking(options);
  allow(all.server);
  const sent = () => all.browser.peers.at(-1)!.transceivers.map(({ sender }) => sender.track?.id ?? null);
  const offers = () => all.media.heard('offerSdp').length;
  return { ...all, sent, offers };
}

describe('update() (MED-6)', () => {
  it('opens what is new first, and publishes it once it is allowed', async () => {
    const { server, call, browser, media } = await updating(kVoice);
    await Promise.all([call.update({ video: true }), settle()]);
    expect(browser.devices.constraints.at(-1)).toEqual({ audio: false, video: true });
    expect(server.heard('call.update')).toEqual([{ callId: 'm7', media: kBoth }]);
    expect([call.options, call.me?.media, running(browser)]).toEqual([kBoth, kBoth, 2]);
    const offer = media.heard('offerSdp').at(-1)!['sdpOffer'] as string;
    expect(offer.match(/^m=(audio|video)/gm)).toEqual(['m=audio', 'm=video']);
  });

  it('switches a kind off and on without an offer, in the same streams, and leaves the other alone', async () => {
    const { call, browser, sent, offers } = await updating();
    const told = vi.fn();
    call.me!.on('stream', told);
    const before = [call.me?.stream, offers(), sent()[1]];
    await call.update({ audio: false });
    expect([sent(), running(browser)]).toEqual([[null, before[2]], 1]);
    expect(call.me?.stream?.getTracks().map(({ kind }) => kind)).toEqual(['video']);
    await call.update({ audio: true });
    expect([sent(), running(browser)]).toEqual([['audio-2', before[2]], 2]);
    await call.update({ video: false });
    expect([sent(), running(browser)]).toEqual([['audio-2', null], 1]);
    await call.update({ video: true });
    expect([call.me?.stream, offers(), sent()[1]]).toEqual([before[0], before[1], 'video-3']);
    expect([told.mock.calls, browser.peers.length]).toEqual([[], 1]);
  });

  it('shows no stream of one who publishes nothing, and the same one afterwards', async () => {
    const { call, browser, sent, offers } = await updating();
    const before = [call.me?.stream, offers()];
    await call.update({ audio: false, video: false });
    expect([call.me?.stream, sent(), running(browser)]).toEqual([undefined, [null, null], 0]);
    await call.update(kBoth);
    expect([call.me?.stream, offers(), sent()]).toEqual([...before, ['audio-2', 'video-2']]);
  });

  it('publishes for the first time who has answered without devices', async () => {
    const { server, call, browser } = await called();
    const nothing = { audio: false, video: false };
    await call.accept(nothing);
    issue(server, 3, 1, nothing);
    await settle();
    allow(server);
    expect([running(browser), browser.peers]).toEqual([0, []]);
    await call.update({ video: true });
    await call.update({ audio: true });
    const sent = browser.peers[0]!.transceivers.map(({ sender }) => sender.track?.id);
    expect(sent).toEqual(['video-1', 'audio-2']);
    expect(server.heard('call.update').at(-1).media).toEqual(kBoth);
  });

  it('silences at once what is switched off, and releases it when the server knows', async () => {
    const { server, call, browser } = await updating();
    delete server.answers['call.update'];
    const done = call.update({ audio: false });
    const [microphone, camera] = call.me!.stream!.getTracks();
    expect([microphone!.enabled, camera!.enabled]).toEqual([false, true]);
    await settle();
    expect(running(browser)).toBe(2);
    server.answer('call.update', {});
    await done;
    expect([running(browser), microphone!.readyState]).toEqual([1, 'ended']);
  });

  it('that is refused closes again what it has opened, and lets be heard again what it has silenced', async () => {
    const { server, call, browser, sent } = await updating(kVoice);
    server.answers['call.update'] = { error: [4094, 'not_active'] };
    await expect(call.update({ audio: false, video: true })).rejects.toMatchObject({ name: 'not_active' });
    expect([running(browser), sent()]).toEqual([1, ['audio-1']]);
    expect(call.me?.stream?.getTracks().map(({ kind, enabled }) => [kind, enabled])).toEqual([['audio', true]]);
    call.me!.stream!.getTracks()[0]!.enabled = false;
    await expect(call.update({ audio: false })).rejects.toMatchObject({ name: 'not_active' });
    expect(call.me?.stream?.getTracks()[0]?.enabled).toBe(false);
  });

  it('silences what opens while a change that switches it off waits, and not what a later one opens', async () => {
    const { server, call, browser } = await updating();
    await call.update({ audio: false });
    delete server.answers['call.update'];
    let grant = () => {};
    const granted = new Promise<void>((resolve) => (grant = resolve));
    const open = browser.devices.getUserMedia.bind(browser.devices);
    vi.spyOn(browser.devices, 'getUserMedia').mockImplementationOnce(async (constraints) => {
      await granted;
      return open(constraints);
    });
    const both = [call.update({ audio: true }), call.update({ audio: false })];
    await settle();
    grant();
    await settle();
    const microphones = () => call.me!.stream!.getAudioTracks();
    const [first] = microphones();
    expect([first?.id, first?.enabled]).toEqual(['audio-2', false]);
    server.tell('call.update', { ...head(5), profileId: 'a', media: kBoth, options: kBoth });
    allow(server, 6);
    server.answer('call.update', {});
    await Promise.all([...both, settle()]);
    expect(microphones()).toEqual([]);
    await call.update({ audio: true });
    expect(microphones().map(({ id, enabled }) => [id, enabled])).toEqual([['audio-3', true]]);
  });

  it('silences what a new media epoch opens while it waits', async () => {
    const { server, call } = await called();
    const nothing = { audio: false, video: false };
    await call.accept(nothing);
    const done = outcome(call.update({ audio: false }));
    issue(server, 3, 1, kBoth);
    await settle();
    expect(call.me!.stream!.getTracks().map(({ kind, enabled }) => [kind, enabled])).toEqual([
      ['audio', false],
      ['video', true],
    ]);
    server.answer('call.update', { error: [4094, 'not_active'] });
    await settle();
    expect([done.settled, call.me!.stream]).toEqual([true, undefined]);
  });

  it('leaves silent what was refused once while another change that switches it off waits', async () => {
    const { server, call } = await updating();
    delete server.answers['call.update'];
    const [microphone] = call.me!.stream!.getAudioTracks();
    const both = [outcome(call.update({ audio: false })), outcome(call.update({ audio: false, video: true }))];
    await settle();
    server.answer('call.update', { error: [4094, 'not_active'] });
    await settle();
    expect([both.map(({ settled }) => settled), microphone!.enabled]).toEqual([[true, false], false]);
    server.answer('call.update', { error: [4094, 'not_active'] });
    await settle();
    expect([both[1]!.settled, microphone!.enabled, microphone!.readyState]).toEqual([true, true, 'live']);
  });

  it('is done in order: the second change is based on the first', async () => {
    const { server, call, sent } = await updating();
    await Promise.all([
      ...[{ audio: false }, { video: false }, { audio: true }, { audio: false }].map((media) => call.update(media)),
      settle(),
    ]);
    expect(server.heard('call.update').map(({ media: { audio, video } }) => [audio, video])).toEqual([
      [false, true],
      [false, false],
      [true, false],
      [false, false],
    ]);
    expect(sent()).toEqual([null, null]);
  });

  it('waits for a media connection that is lost, and is done when it is back', async () => {
    const { call, browser, media, sent } = await updating(kVoice);
    const socket = browser.sockets.find(({ url }) => url.includes('/v3/'))!;
    media.up = false;
    socket.end(1006);
    const both = [outcome(call.update({ video: true })), outcome(call.update({ audio: false }))];
    await vi.advanceTimersByTimeAsync(2_000);
    expect([both[0]!.settled, sent()]).toEqual([false, ['audio-1', 'video-2']]);
    media.up = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([both.map(({ settled, error }) => [settled, error]), sent()]).toEqual([
      [
        [true, undefined],
        [true, undefined],
      ],
      [null, 'video-2'],
    ]);
  });

  it('that a new media epoch overtakes is part of it, and waits for nothing of the old one', async () => {
    const { server, call, browser, media, sent } = await updating(kVoice);
    const socket = browser.sockets.find(({ url }) => url.includes('/v3/'))!;
    media.up = false;
    socket.end(1006);
    const done = outcome(call.update({ video: true }));
    await vi.advanceTimersByTimeAsync(1_000);
    media.up = true;
    media.hello = { ...media.hello, resumed: false };
    issue(server, 5, 2);
    await settle();
    expect([done.settled, done.error]).toEqual([true, undefined]);
    expect([browser.peers.length, sent(), running(browser)]).toEqual([2, ['audio-1', 'video-2'], 2]);
  });

  it('is done anew when a media epoch from before it comes meanwhile', async () => {
    const { server, call, browser, sent } = await updating(kVoice);
    server.answers['call.update'] = ({ media }: { media: MediaKinds }) => {
      issue(server, 4, 2, kVoice);
      server.tell('call.update', { ...head(5), profileId: 'a', media, options: kBoth });
      return {};
    };
    await Promise.all([call.update({ video: true }), settle()]);
    expect([browser.peers.length, running(browser), sent()]).toEqual([2, 2, ['audio-1', 'video-3']]);
  });

  it('opens nothing any more when one hangs up meanwhile', async () => {
    const { server, call, browser } = await updating(kVoice);
    delete server.answers['call.update'];
    const both = [outcome(call.update({ video: true })), outcome(call.update({ video: true }))];
    await settle();
    void call.hangup();
    const opened = browser.devices.captured.length;
    server.answer('call.update', {});
    await settle();
    expect([running(browser), browser.devices.captured.length]).toEqual([0, opened]);
    expect([both[0]!.error, both[1]!.error]).toEqual([undefined, expect.objectContaining({ name: 'wrong_state' })]);
    expect(server.heard('call.update')).toHaveLength(1);
  });

  it('leaves alone what is not named, also where its device could not be opened', async () => {
    const { server, jsapi, browser } = await connected();
    const me = person('a', { role: 'initiator', state: 'active', activeConnectionId: 'c1', media: kBoth });
    const b = person('b', { state: 'active', activeConnectionId: 'c3' });

    server.tell('call.state', {
      ...head(3, 0),
      call: callView({ rev: 3, state: 'active', participants: [me, b] }),
      role: 'active initiator',
    });
    allow(server);
    browser.devices.failures = ['NotReadableError'];
    issue(server, 3, 2);
    await settle();
    const call = jsapi.getCall('m7')!;
    browser.devices.failures = ['NotReadableError'];
    await expect(call.update({ video: true })).rejects.toMatchObject({ name: 'no_device' });
    await call.update({ audio: true });
    expect(call.me?.stream?.getTracks().map(({ kind }) => kind)).toEqual(['audio']);
    expect(server.heard('call.update')).toEqual([{ callId: 'm7', media: kBoth }]);
  });

  it('releases what it switches off also when a device fails that is to be opened anew', async () => {
    const { server, call, browser } = await updating(kVoice);
    const [microphone] = call.me!.stream!.getAudioTracks();
    server.answers['call.update'] = ({ media }: { media: MediaKinds }) => {
      issue(server, 4, 2, kVoice);
      server.tell('call.update', { ...head(5), profileId: 'a', media, options: kBoth });
      browser.devices.failures = ['NotReadableError'];
      return {};
    };
    const done = outcome(call.update({ audio: false, video: true }));
    await settle();
    expect([microphone!.readyState, running(browser)]).toEqual(['ended', 0]);
    expect(done.error).toMatchObject({ name: 'no_device' });
  });
});
