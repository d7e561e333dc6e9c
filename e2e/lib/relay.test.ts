import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { Relay } from './relay.js';
import { until } from './until.js';

const sockets: Socket[] = [];
let relay: Relay | undefined;

afterEach(() => {
  relay?.close();
  for (const socket of sockets.splice(0)) socket.close();
});

async function udp(): Promise<{ socket: Socket; heard: { text: string; from: RemoteInfo; at: number }[] }> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  const heard: { text: string; from: RemoteInfo; at: number }[] = [];
  socket.on('message', (packet, from) => heard.push({ text: packet.toString(), from, at: performance.now() }));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { socket, heard };
}

describe('Relay', () => {
  it('gives each browser a way of its own and brings the answers back to the right one', async () => {
    const server = await udp();
    server.socket.on('message', (packet, from) => server.socket.send(`re:${packet}`, from.port, from.address));
    relay = await Relay.start(server.socket.address().port, 1);
    const [alice, bob] = [await udp(), await udp()];
    alice.socket.send('a', relay.port, '127.0.0.1');
    bob.socket.send('b', relay.port, '127.0.0.1');
    await until('both answers', 5, () => alice.heard.length === 1 && bob.heard.length === 1, 5);
    expect(alice.heard[0]!.text).toBe('re:a');
    expect(bob.heard[0]!.text).toBe('re:b');
    expect(server.heard[0]!.from.port).not.toBe(server.heard[1]!.from.port);
    expect([relay.up.received, relay.down.received]).toEqual([2, 2]);
  });

  it('delays each direction by its own conditions and keeps the order', async () => {
    const server = await udp();
    relay = await Relay.start(server.socket.address().port, 2);
    Object.assign(relay.up.conditions, { delay: 60 });
    const alice = await udp();
    const sent = performance.now();
    for (let index = 0; index < 20; index += 1) alice.socket.send(String(index), relay.port, '127.0.0.1');
    await until('all packets', 5, () => server.heard.length === 20, 5);
    expect(server.heard.map((packet) => Number(packet.text))).toEqual([...Array(20).keys()]);
    expect(server.heard[0]!.at - sent).toBeGreaterThanOrEqual(59);
    server.socket.send('quick', server.heard[0]!.from.port, '127.0.0.1');
    const answered = performance.now();
    await until('the answer', 5, () => alice.heard.length === 1, 1);
    expect(alice.heard[0]!.at - answered).toBeLessThan(50);
  });

  it('drops everything while cut, counts it, and goes on afterwards', async () => {
    const server = await udp();
    relay = await Relay.start(server.socket.address().port, 3);
    const alice = await udp();
    relay.cut();
    alice.socket.send('lost', relay.port, '127.0.0.1');
    await until('the loss is counted', 5, () => relay!.up.dropped === 1, 5);
    relay.mend();
    alice.socket.send('heard', relay.port, '127.0.0.1');
    await until('the next packet', 5, () => server.heard.length === 1, 5);
    expect(server.heard[0]!.text).toBe('heard');
  });
});
