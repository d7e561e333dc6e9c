import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AsyncApi } from '../../sdk/test/jsapi/async_api.js';
import type { Frame } from '../page/sockets.js';

const FILE = fileURLToPath(new URL('../../spec/asyncapi.yaml', import.meta.url));

interface Envelope {
  type: string;
  seq?: number;
  body?: { re?: number; ok?: boolean; result?: object };
}

// One for the whole run: to compile the schemas takes longer than to check the frames of a test.
let description: Promise<AsyncApi> | undefined;

async function load(): Promise<AsyncApi> {
  return new AsyncApi(await readFile(FILE, 'utf8'));
}

/** Says what is wrong with the frames of one device, in both directions, results of replies included. */
export async function frameProblems(frames: Frame[]): Promise<string[]> {
  const asyncApi = await (description ??= load());
  // A fresh connection counts anew, and then asks before it is answered.
  const asked = new Map<number, string>();
  return frames.filter(isJsapi).flatMap(({ side, text }) => {
    const frame = JSON.parse(text) as Envelope;
    if (side === 'fromClient' && frame.seq !== undefined) asked.set(frame.seq, frame.type);
    const wrong = asyncApi.problems(side, frame);
    const { re, ok, result } = frame.body ?? {};
    if (frame.type === 'reply' && ok) wrong.push(...asyncApi.resultProblems(asked.get(re ?? 0) ?? '', result));
    return wrong.map((problem) => `${side} ${problem}: ${text}`);
  });
}

export function isJsapi({ url }: Frame): boolean {
  return url.includes('/jsapi/');
}
