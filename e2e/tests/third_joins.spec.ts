import { expect, test } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';

test('the others see exactly what a third one does', async ({ stage }) => {
  test.setTimeout(120_000);
  const server = await stage.server();
  const room = await Room.create(server, 'third');
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');
  await alice.client.publish();
  await bob.client.publish({ video: false });

  const story = { alice: [`+${bob.member.id}`], bob: [`+${alice.member.id}`] };
  const bothSee = async (event: string) => {
    story.alice.push(event);
    story.bob.push(event);
    await alice.client.expectStory(story.alice);
    await bob.client.expectStory(story.bob);
  };
  await alice.client.expectStory(story.alice);
  await bob.client.expectStory(story.bob);

  const carol = await stage.join(server, room, 'carol');
  const first = await carol.client.publish({ alias: 'first' });
  await bothSee(`+${carol.member.id}`);
  await carol.client.expectStory([`+${alice.member.id}`, `+${bob.member.id}`]).catch(async () => {
    // Both may arrive in one offer, in either order.
    await carol.client.expectStory([`+${bob.member.id}`, `+${alice.member.id}`], 1);
  });

  await carol.client.unpublish(first.endpointId);
  await bothSee(`-${carol.member.id}`);

  const before = (await alice.client.events()).map((event) => event.streamId);
  await carol.client.publish({ alias: 'second' });
  await bothSee(`+${carol.member.id}`);
  const again = await alice.client.streamFrom(carol.member.id);
  expect(again.alias).toBe('second');
  expect(before).not.toContain(again.streamId);
  await alice.client.decodes(again.streamId, 20);

  // Removed by REST: what she publishes goes on, so it is there at once when she is added again.
  await room.remove(carol.member);
  await bothSee(`-${carol.member.id}`);
  const carolsStory = await carol.client.story();
  expect(carolsStory.slice(-2).sort()).toEqual([`-${alice.member.id}`, `-${bob.member.id}`].sort());
  await room.add(carol.member);
  await bothSee(`+${carol.member.id}`);
  await alice.client.decodes((await alice.client.streamFrom(carol.member.id)).streamId, 20);

  await carol.client.disconnect();
  await bothSee(`-${carol.member.id}`);

  const dave = await stage.join(server, room, 'dave');
  await dave.client.publish({ video: false });
  await bothSee(`+${dave.member.id}`);
  await room.delete(dave.member);
  await bothSee(`-${dave.member.id}`);

  // Nobody else noticed any of it.
  await bob.client.decodes((await bob.client.streamFrom(alice.member.id)).streamId, 20);
});

test('deleting the session ends everything received, and its members can meet again elsewhere', async ({ stage }) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob');
  await alice.client.publish({ video: false });
  await bob.client.streamFrom(alice.member.id);

  await room.sdk.deleteSession('dev', room.sessionId);
  await bob.client.expectStory([`+${alice.member.id}`, `-${alice.member.id}`]);

  const next = await Room.create(server);
  await next.add(alice.member);
  await next.add(bob.member);
  await bob.client.expectStory([`+${alice.member.id}`, `-${alice.member.id}`, `+${alice.member.id}`]);
  await bob.client.hears((await bob.client.streamFrom(alice.member.id)).streamId);
});
