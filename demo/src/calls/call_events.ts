import type { Call, Jsapi } from '@crosspoint/client';
import { announce, toast } from '../dom';
import type { Actions } from './actions';
import type { Book } from './book';
import { standingOf } from './standing';
import { endWords, kindWords } from './words';

const kShown = [
  'ringing',
  'init_timeout',
  'ringing_timeout',
  'accepted',
  'rejected',
  'busy',
  'ignored',
  'hangup',
  'reconnecting',
  'reconnected',
  'dropped',
  'hold',
  'resumed',
  'activated',
  'invited',
  'removed',
  'updated',
  'replaced',
  'end',
  'received',
] as const;

/**
 * Says what happens in calls, and has every event shown.
 *
 * @returns a function that ends it.
 */
export function tellCalls(jsapi: Jsapi, book: Book, actions: Actions, changed: () => void): () => void {
  /** Calls that this device rang for, or was in. */
  const concerned = new WeakSet<Call>();
  const isMe = (profileId: string) => profileId === book.me.profileId;
  const here = (connectionId: string) => connectionId === jsapi.connectionId;
  const say = (profileId: string, what: string) => {
    if (!isMe(profileId)) announce(`${book.nameOf(profileId)} ${what}`);
  };
  const follow = (call: Call) => {
    if (['incoming', 'current', 'held'].includes(standingOf(call))) concerned.add(call);
    changed();
  };
  const offs = [
    ...kShown.map((name) => jsapi.on(`call:${name}`, (...[call]: [Call, ...unknown[]]) => follow(call))),
    jsapi.on('call:accepted', (call, by, connection) => {
      if (!isMe(by)) announce(`${book.nameOf(by)} has answered`);
      else if (!here(connection) && call.from !== book.me.profileId) toast('Answered on another device');
    }),
    jsapi.on('call:rejected', (call, by) => {
      if (isMe(by) && !actions.hasLeft(call)) toast('Declined on another device');
      else say(by, 'has declined');
    }),
    jsapi.on('call:ignored', (call) => {
      if (!actions.hasLeft(call)) toast('Silenced on another device');
    }),
    jsapi.on('call:activated', (_call, by, connection) => {
      if (isMe(by) && !here(connection)) toast('The call is on another device now');
    }),
    jsapi.on('call:busy', (_call, by) => say(by, 'is busy')),
    jsapi.on('call:ringing_timeout', (_call, by) => say(by, 'does not answer')),
    jsapi.on('call:init_timeout', (_call, by) => say(by, 'cannot be reached')),
    jsapi.on('call:hangup', (_call, by) => say(by, 'has left')),
    jsapi.on('call:hold', (_call, by) => say(by, 'has put the call on hold')),
    jsapi.on('call:resumed', (_call, by) => say(by, 'is back')),
    jsapi.on('call:reconnecting', (_call, by) => say(by, 'has connection problems')),
    jsapi.on('call:reconnected', (_call, by) => say(by, 'is connected again')),
    jsapi.on('call:dropped', (_call, by) => say(by, 'has lost the connection')),
    jsapi.on('call:failed', (_call, error) => toast(error.message)),
    jsapi.on('call:missed', (record) => {
      // Those of before are shown by the badges.
      if (jsapi.state === 'connected') toast(`Missed ${kindWords(record.options)} from ${book.nameOf(record.from)}`);
    }),
    jsapi.on('call:end', (call, reason) => {
      const words = endWords(reason);
      const missed = call.me?.role === 'receiver' && call.me.state === 'cancelled';
      // What this side has done, or could not do, it knows.
      if (!words || missed || call.error || actions.hasLeft(call)) return;
      const declined = reason === 'rejected';
      if (declined ? isMe(call.from) : concerned.has(call)) toast(words);
    }),
  ];
  return () => offs.forEach((off) => off());
}
