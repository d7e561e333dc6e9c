import type { Subscriptions } from '@bandwidth/webrtc';
import { figure } from '../lib/figures.js';
import { expect, test } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';
import { until } from '../lib/until.js';

test('media starts and stops within 500 ms of the REST call', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice', { subscriptions: {} });
  const video = { width: 1280, height: 720 };
  await alice.client.publish({ video, alias: 'usermedia' });
  const viewer = await stage.join(server, room, 'viewer', { subscriptions: {} });
  const participantId = alice.member.id;
  // The first subscription also makes the connection, so it is not among those that are timed.
  await room.subscribe(viewer.member, { sessionId: room.sessionId });
  await viewer.client.decodes((await viewer.client.streamFrom(participantId)).streamId, 20);

  const choices: [string, Subscriptions][] = [
    ['the whole session', { sessionId: room.sessionId }],
    ['one participant', { participants: [{ participantId }] }],
    ['one alias', { participants: [{ participantId, streamAliases: ['usermedia'] }] }],
  ];
  for (const [what, subscriptions] of choices) {
    const { streamId } = await viewer.client.streamFrom(participantId);
    const stopAt = Date.now();
    await room.subscribe(viewer.member, {});
    const gone = await until('onStreamUnavailable', 5, async () =>
      (await viewer.client.events()).find((e) => e.kind === 'unavailable' && e.streamId === streamId && e.at >= stopAt),
    );
    figure(`${what} to none: ms to onStreamUnavailable`, gone.at - stopAt, '<= 500');
    expect(gone.at - stopAt).toBeLessThanOrEqual(500);

    const startAt = Date.now();
    await room.subscribe(viewer.member, subscriptions);
    const next = await viewer.client.streamFrom(participantId);
    const frames = await until('the first frame', 5, async () => {
      const shown = await viewer.client.frames(next.streamId);
      return shown && shown.count > 0 && shown;
    });
    figure(`none to ${what}: ms to the first frame shown`, frames.firstAt - startAt, '<= 500');
    expect(frames.firstAt - startAt).toBeLessThanOrEqual(500);
  }
});
