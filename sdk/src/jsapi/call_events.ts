import type { Call } from './call.js';
import type { MirrorEvents } from './call_news.js';
import type { JsapiError } from './errors.js';

/** Events of a {@link Call} that JSAPI makes of several messages, or before there is any (7.4). */
interface ClientMadeEvents {
  received: [];
  replaced: [newCall: Call];
  failed: [error: JsapiError];
}

/** Events of a call by their short names: what `call:accepted` is on `JSAPI`, is `accepted` here. */
export type ShortCallEvents = MirrorEvents & ClientMadeEvents;

/** Events of a {@link Call}, under both names; `state` has only the one. */
export type CallEvents = ShortCallEvents & {
  [Name in Exclude<keyof ShortCallEvents, 'state'> as `call:${Name}`]: ShortCallEvents[Name];
};
