import { expect, test, type Stage } from '../lib/fixtures.js';
import type { Person } from '../lib/person.js';
import type { Server } from '../lib/server.js';
import { until } from '../lib/until.js';

const kBoth = { audio: true, video: true };
const kVoice = { audio: true, video: false };
const kNothing = { audio: false, video: false };
/** What nobody notices: a picture that stands still, or a sound that is made up, for so long. */
const kUnnoticedMs = 250;

interface Scene {
  server: Server;
  ann: Person;
  bob: Person;
  call: string;
}

/** Ann and Bob in a call. `websocketUrl` is where Ann's sockets find the server, if not at the server itself. */
async function talk(stage: Stage, media = kBoth, at?: Server, websocketUrl?: string): Promise<Scene> {
  const server = at ?? (await stage.server());
  const ann = await stage.person(server, 'ann', 'ann', { websocketUrl });
  const bob = await stage.person(server, 'bob', 'bob');
  const call = await ann.call(['bob'], media);
  await bob.isCalled();
  await bob.does('accept', call, media);
  const scene = { server, ann, bob, call };
  await Promise.all([ann.hears(call, 'bob'), bob.hears(call, 'ann')]);
  if (media.video) await seeEachOther(scene);
  return scene;
}

async function seeEachOther({ ann, bob, call }: Scene): Promise<void> {
  await Promise.all([ann.decodes(call, 'bob'), bob.decodes(call, 'ann')]);
}

/** Waits until somebody is known to publish this, and is received so. */
async function receives(who: Person, call: string, from: string, kinds: { audio: boolean; video: boolean }) {
  await who.seesThat(`${from} publishes ${JSON.stringify(kinds)}`, call, ({ participants }) => {
    const { media, stream = [] } = participants[from]!;
    const has = (kind: 'audio' | 'video') => media[kind] === kinds[kind] && stream.includes(kind) === kinds[kind];
    return has('audio') && has('video');
  });
}

test('who mutes is not heard, and the picture goes on', async ({ stage }) => {
  const { ann, bob, call } = await talk(stage);
  await bob.resetGaps();
  for (let times = 0; times < 2; ++times) {
    await ann.does('update', call, { audio: false });
    await receives(bob, call, 'ann', { audio: false, video: true });
    await bob.decodes(call, 'ann');
    expect((await bob.report(call)).audio).toEqual({});
    await ann.does('update', call, { audio: true });
    await receives(bob, call, 'ann', kBoth);
    await bob.hears(call, 'ann');
  }
  expect((await bob.framesOf(call, 'ann'))!.longestGapMs).toBeLessThan(kUnnoticedMs);
  expect(await bob.streamsOf(call, 'ann')).toBe(1);
});

test('who switches the camera off is heard without a gap, and seen again at once', async ({ stage }) => {
  const { ann, bob, call } = await talk(stage);
  const before = await bob.report(call);
  for (let times = 0; times < 2; ++times) {
    await ann.does('update', call, { video: false });
    await receives(bob, call, 'ann', kVoice);
    // No last picture stays for ever.
    expect(await bob.pictureSize(call, 'ann')).toEqual([0, 0]);
    await ann.does('update', call, { video: true });
    await receives(bob, call, 'ann', kBoth);
    await bob.decodes(call, 'ann');
    expect((await bob.pictureSize(call, 'ann'))[0]).toBeGreaterThan(0);
  }
  const after = await bob.report(call);
  const samples = (ms: number) => ms * 48;
  const [was, is] = [before.audio.ann!, after.audio.ann!];
  expect(is.concealedSamples - was.concealedSamples).toBeLessThan(samples(kUnnoticedMs));
  expect(is.totalSamples - was.totalSamples).toBeGreaterThan(samples(after.at - before.at - kUnnoticedMs));
  expect(await bob.streamsOf(call, 'ann')).toBe(1);
});

test('who has answered without devices speaks later, and both show themselves, twice', async ({ stage }) => {
  const server = await stage.server();
  const ann = await stage.person(server, 'ann', 'ann');
  const bob = await stage.person(server, 'bob', 'bob');
  const call = await ann.call(['bob'], kVoice);
  await bob.isCalled();
  await bob.does('accept', call, kNothing);
  await bob.hears(call, 'ann');
  await bob.does('update', call, { audio: true });
  await ann.hears(call, 'bob');
  for (let times = 0; times < 2; ++times) {
    await Promise.all([ann.does('update', call, { video: true }), bob.does('update', call, { video: true })]);
    await seeEachOther({ server, ann, bob, call });
    // Without waiting for one another.
    await Promise.all([ann.does('update', call, { video: false }), bob.does('update', call, { video: false })]);
    await Promise.all([receives(ann, call, 'bob', kVoice), receives(bob, call, 'ann', kVoice)]);
  }
  await Promise.all([ann.hears(call, 'bob'), bob.hears(call, 'ann')]);
  expect([await ann.streamsOf(call, 'bob'), await bob.streamsOf(call, 'ann')]).toEqual([1, 1]);
});

test('what is switched while the server cannot be reached is so when it can again', async ({ stage }) => {
  const server = await stage.server();
  const proxy = await stage.wsProxy(server);
  const { ann, bob, call } = await talk(stage, kVoice, server, proxy.websocketUrl);
  proxy.cut();
  await ann.hasNews('reconnecting');
  const done = [{ video: true }, { audio: false }, { audio: true }].map((media) => ann.does('update', call, media));
  const before = proxy.refused;
  await until('she has tried again', 20, () => proxy.refused > before + 1);
  proxy.mend();
  await Promise.all(done);
  await receives(bob, call, 'ann', kBoth);
  await Promise.all([bob.decodes(call, 'ann'), bob.hears(call, 'ann')]);
  await ann.does('update', call, { video: false });
  await receives(bob, call, 'ann', kVoice);
});

test('who was mute when the server restarted is so afterwards, and can be heard again', async ({ stage }) => {
  const { server, ann, bob, call } = await talk(stage);
  await ann.does('update', call, { audio: false });
  await receives(bob, call, 'ann', { audio: false, video: true });
  await server.kill();
  await server.run();
  await Promise.all([ann.hasNews('reconnected'), bob.hasNews('reconnected')]);
  await bob.decodes(call, 'ann', 20, 30);
  await receives(bob, call, 'ann', { audio: false, video: true });
  await ann.does('update', call, { audio: true });
  await bob.hears(call, 'ann');
});

test('who had the camera off when the page was loaded anew has it off afterwards, and can be seen again', async ({
  stage,
}) => {
  const { server, ann, bob, call } = await talk(stage);
  await ann.does('update', call, { video: false });
  await ann.reload(await stage.credentials(server, 'ann'));
  await Promise.all([ann.decodes(call, 'bob'), bob.hears(call, 'ann')]);
  await receives(bob, call, 'ann', kVoice);
  await ann.does('update', call, { video: true });
  await bob.decodes(call, 'ann');
});

test('who goes on sending what the server was told is off reaches nobody', async ({ stage }) => {
  const { ann, bob, call } = await talk(stage);
  await ann.page.evaluate(() => {
    RTCRtpSender.prototype.replaceTrack = () => Promise.resolve();
    MediaStreamTrack.prototype.stop = () => undefined;
    Object.defineProperty(MediaStreamTrack.prototype, 'enabled', { get: () => true, set: () => undefined });
  });
  await ann.does('update', call, kNothing);
  await bob.seesThat('she publishes nothing', call, ({ participants }) => !participants.ann!.stream);
  const sent = async () => (await ann.report(call)).publishing!.bytesSent;
  const received = async () => (await bob.report(call)).subscribing!.bytesReceived;
  const before = [await sent(), await received()] as const;
  await until('Ann has sent more', 20, async () => (await sent()) > before[0] + 200_000);
  expect((await received()) - before[1]).toBeLessThan(20_000);
});
