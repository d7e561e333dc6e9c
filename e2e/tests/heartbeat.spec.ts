import { expect, test } from '../lib/fixtures.js';
import { Room } from '../lib/rest.js';
import { until } from '../lib/until.js';

test('the server says PING on both connections, and PONG comes back from the public SDK and from ours', async ({
  stage,
}) => {
  const server = await stage.server();
  const room = await Room.create(server);
  const alice = await stage.join(server, room, 'alice');
  const bob = await stage.join(server, room, 'bob', { sdk: 'crosspoint' });
  await alice.client.publish({ video: false });
  await bob.client.publish({ video: false });
  for (const { client } of [alice, bob]) {
    await until(`${client.name} answers on both connections`, 30, async () => {
      const { publishing, subscribing } = await client.report();
      return [publishing, subscribing].every((one) => (one?.heartbeat?.received ?? 0) > 0 && one!.heartbeat!.sent > 0);
    });
    const { publishing, subscribing } = await client.report();
    for (const connection of [publishing, subscribing]) expect(connection?.heartbeat?.state).toBe('open');
  }
});
