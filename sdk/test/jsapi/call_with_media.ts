import type { FakeBrowser } from '../fake_browser.js';
import type { FakeStream } from '../fake_media.js';
import { head, person, view } from './call_fixtures.js';
import { connected, settle, type FakeJsapiServer } from './fake_jsapi_server.js';

export const kBoth = { audio: true, video: true };

/** `b` calls this user, `a`, who takes calls from c1. */
export async function called(options = kBoth) {
  const all = await connected();
  const { server, jsapi } = all;
  const from = person('b', { role: 'initiator', state: 'active', activeConnectionId: 'c3' });
  const call = view({ from: 'b', to: ['a'], connectionId: 'c3', options, participants: [from, person('a')] });
  server.tell('call.init', { ...head(1, 0), call, receiver: 'a', connectionId: 'c3' });
  server.answers['call.accept'] = ({ media }) => {
    server.tell('call.accept', { ...head(2), profileId: 'a', connectionId: 'c1', media });
    return {};
  };
  return { ...all, call: jsapi.getCall('m7')! };
}

/** Media of an epoch, as the server issues them. */
export function issue(
  server: FakeJsapiServer,
  rev: number,
  mediaEpoch: number,
  publish = kBoth,
  token = `t${mediaEpoch}`,
) {
  const where = { sessionId: 's', participantId: `p${mediaEpoch}`, deviceToken: token, url: '' };
  server.tell('call.media', { ...head(rev), mediaEpoch, ...where, publish });
}

/** The same, answered and with media. */
export async function talking(options = kBoth) {
  const all = await called(options);
  await Promise.all([all.call.accept(), settle()]);
  issue(all.server, 3, 1, options);
  await settle();
  return all;
}

/** Number of devices that run. */
export function running(browser: FakeBrowser): number {
  const tracks = new Set(browser.devices.captured.flatMap((stream: FakeStream) => stream.getTracks()));
  return [...tracks].filter(({ readyState }) => readyState === 'live').length;
}
