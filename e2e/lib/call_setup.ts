import type { Person } from './person.js';
import { until } from './until.js';

/** How long the answer to a video call takes, in ms from `call.accept` on the wire; each the later of both sides. */
export interface CallSetup {
  /** From the call of `accept()` to `call.accept`: opening the devices (MED-3). Before that, not part of the rest. */
  devices: number;
  media: number;
  /** The media socket is open: its first message leaves. */
  socketOpen: number;
  /** The server has answered the offer of what is published. */
  published: number;
  /** The server's first offer. */
  offered: number;
  /** All peer connections are connected: ICE and DTLS. */
  connected: number;
  firstFrame: number;
}

/** Lets one call the other, who answers; hangs up again when both see each other. */
export async function timeSetup(caller: Person, callee: Person, known: string[]): Promise<CallSetup> {
  const call = await caller.call([callee.profile]);
  await callee.isCalled(known);
  known.push(call);
  const asked = Date.now();
  await callee.does('accept', call);
  const [accept] = (await callee.messages('fromClient', 'call.accept')).slice(-1);
  const both = await Promise.all([
    sideOf(caller, callee.profile, call, accept!.at),
    sideOf(callee, caller.profile, call, accept!.at),
  ]);
  await caller.does('hangup', call);
  await callee.hasNews('call:end', ({ args: [id] }) => id === call);
  const later = (step: keyof Side) => Math.max(...both.map((side) => side[step])) - accept!.at;
  return {
    devices: accept!.at - asked,
    media: later('media'),
    socketOpen: later('socketOpen'),
    published: later('published'),
    offered: later('offered'),
    connected: later('connected'),
    firstFrame: later('firstFrame'),
  };
}

type Side = Omit<CallSetup, 'devices'>;

async function sideOf(who: Person, other: string, call: string, since: number): Promise<Side> {
  const { firstAt } = await until(`${who.name} sees ${other}`, 20, async () => {
    const shown = await who.framesOf(call, other);
    return shown && shown.count > 0 && shown;
  });
  const media = (await who.messages('toClient', 'call.media')).at(-1)!.at;
  const frames = (await who.frames()).filter(({ url, at }) => url.includes('/v3/') && at >= since);
  const first = (what: (text: string) => boolean) => frames.find(({ text }) => what(text))!.at;
  return {
    media,
    socketOpen: frames.find(({ side }) => side === 'fromClient')!.at,
    published: first((text) => text.includes('"sdpAnswer"') && text.includes('"result"')),
    offered: first((text) => text.includes('"method":"sdpOffer"')),
    connected: Math.max(...(await who.connectedAt(since))),
    firstFrame: firstAt,
  };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
