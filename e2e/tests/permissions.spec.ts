import type { Participant } from '@bandwidth/webrtc';
import { expect, test } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';

function only(kind: 'AUDIO' | 'VIDEO'): Participant {
  return { publishPermissions: [kind] as Participant['publishPermissions'] };
}

test('a token for audio publishes the audio of a stream with both', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const viewer = await stage.join(server, room, 'viewer');
  const speaker = await stage.join(server, room, 'speaker', { participant: only('AUDIO') });
  const published = await speaker.client.publish();
  expect(published.mediaTypes).toEqual(['AUDIO']);
  const stream = await viewer.client.streamFrom(speaker.member.id);
  expect(stream).toMatchObject({ mediaTypes: ['AUDIO'], tracks: ['audio'] });
  await viewer.client.hears(stream.streamId);
});

test('a token for video publishes the video only, one for nothing publishes nothing', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const viewer = await stage.join(server, room, 'viewer');
  const mute = await stage.join(server, room, 'mute', { participant: { publishPermissions: [] } });
  await mute.client.publish().catch(() => {});
  const camera = await stage.join(server, room, 'camera', { participant: only('VIDEO') });
  await camera.client.publish();
  const stream = await viewer.client.streamFrom(camera.member.id);
  expect(stream).toMatchObject({ mediaTypes: ['VIDEO'], tracks: ['video'] });
  await viewer.client.decodes(stream.streamId, 20);
  await viewer.client.expectStory([`+${camera.member.id}`]);
});

test('the configuration may let everybody publish everything', async ({ stage }) => {
  const server = await stage.server({ set: { 'sessions.enforce_publish_permissions': 'false' } });
  const room = await Room.create(server);
  const viewer = await stage.join(server, room, 'viewer');
  const speaker = await stage.join(server, room, 'speaker', { participant: only('AUDIO') });
  await speaker.client.publish();
  const stream = await viewer.client.streamFrom(speaker.member.id);
  expect(stream.tracks.sort()).toEqual(['audio', 'video']);
  await viewer.client.decodes(stream.streamId, 20);
});
