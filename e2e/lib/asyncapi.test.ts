import { expect, it } from 'vitest';
import type { Frame } from '../page/sockets.js';
import { frameProblems } from './asyncapi.js';

function frame(side: Frame['side'], message: object): Frame {
  return { at: 0, url: 'ws://127.0.0.1/jsapi/v1', socket: 0, side, text: JSON.stringify(message) };
}

const kHistory = { type: 'chain.history', seq: 1, body: { profileId: 'a', chainId: 'm1', limit: 5 } };

it('finds what a frame, or the result of a reply, has against the description', async () => {
  const reply = (result: object) => ({ type: 'reply', seq: 1, body: { re: 1, ok: true, result } });
  const good = [frame('fromClient', kHistory), frame('toClient', reply({ messages: [], more: false }))];
  expect(await frameProblems(good)).toEqual([]);
  expect(await frameProblems([frame('toClient', kHistory)])).toHaveLength(1);
  expect(await frameProblems([good[0]!, frame('toClient', reply({ messages: [] }))])).toHaveLength(1);
  expect(await frameProblems([{ ...frame('toClient', {}), url: 'ws://127.0.0.1/v3/?token=t', text: '?' }])).toEqual([]);
});
