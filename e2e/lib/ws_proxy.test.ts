import { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { until } from './until.js';
import { WsProxy } from './ws_proxy.js';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

async function echoBehindProxy(): Promise<WsProxy> {
  const echo = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  closers.push(() => echo.close());
  echo.on('connection', (socket) => socket.on('message', (frame) => socket.send(`re:${frame}`)));
  await once(echo, 'listening');
  const proxy = await WsProxy.start((echo.address() as AddressInfo).port);
  closers.push(() => proxy.close());
  return proxy;
}

it('makes the way longer: a round trip for the connection, one for the upgrade, one for each answer', async () => {
  const proxy = await echoBehindProxy();
  proxy.delay = 40;
  const start = performance.now();
  const socket = new WebSocket(proxy.websocketUrl);
  await once(socket, 'open');
  const opened = performance.now();
  const answers: string[] = [];
  socket.on('message', (frame) => answers.push(String(frame)));
  socket.send('one');
  socket.send('two');
  await until('both are answered', 5, () => answers.length === 2, 5);
  expect(answers).toEqual(['re:one', 're:two']);
  const answered = performance.now();
  socket.terminate();
  // Timers of Node fire up to a millisecond early, twice a round trip.
  expect(opened - start).toBeGreaterThan(4 * 40 - 5);
  expect(answered - opened).toBeGreaterThan(2 * 40 - 3);
});

it('passes frames, breaks what is open when cut, refuses until mended', async () => {
  const proxy = await echoBehindProxy();

  const first = new WebSocket(proxy.websocketUrl);
  await once(first, 'open');
  first.send('one');
  const [frame] = await once(first, 'message');
  expect(String(frame)).toBe('re:one');

  const closed = once(first, 'close');
  first.on('error', () => {});
  proxy.cut();
  const [code] = await closed;
  expect(code).toBe(1006);

  const second = new WebSocket(proxy.websocketUrl);
  second.on('error', () => {});
  await new Promise((resolve) => second.once('close', resolve));
  expect(proxy.refused).toBe(1);

  proxy.mend();
  const third = new WebSocket(proxy.websocketUrl);
  await once(third, 'open');
  third.terminate();
  await until('the proxy let two connections through', 5, () => proxy.accepted === 2);
});
