import { figure } from '../lib/figures.js';
import { expect, test } from '../lib/fixtures.js';
import { connectAndLeave, story } from '../lib/presence.js';
import { Room } from '../lib/rest.js';
import { pause, until } from '../lib/until.js';

const kRounds = 12;

test('a receiver is dead for a minute, and the server restarts meanwhile', async ({ stage }) => {
  const server = await stage.server();
  const callbacks = await stage.callbacks();
  const room = await Room.create(server);
  const members = [
    await room.participant({ callbackUrl: callbacks.url, tag: 'one' }),
    await room.participant({ callbackUrl: callbacks.url, tag: 'two' }),
  ];
  const start = Date.now();
  for (let round = 0; round < kRounds; round += 1) {
    for (const member of members) await connectAndLeave(server.websocketUrl, member.token);
    if (round === kRounds / 2) {
      await server.kill();
      await server.run();
    }
    // The events are spread over the whole minute, and the receiver stays dead until it is over.
    await pause(Math.max(0, start + ((round + 1) * 60_000) / kRounds - Date.now()));
  }
  await callbacks.listen();
  const back = Date.now();
  const expected = Array(kRounds).fill(['onConnect', 'onLeave']).flat();
  for (const member of members) {
    await until('every event', 120, () => story(callbacks, member.id).length >= expected.length);
    expect(story(callbacks, member.id)).toEqual(expected);
    figure(
      `participant ${members.indexOf(member) + 1}: events delivered, in order`,
      story(callbacks, member.id).length,
      String(expected.length),
    );
  }
  figure('seconds from the return of the receiver to the last event', (Date.now() - back) / 1000, '<= 90');
});
