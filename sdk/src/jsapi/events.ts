import type { Call } from './call.js';
import type { ShortCallEvents } from './call_events.js';
import type { JsapiError } from './errors.js';
import type { CallRecord, CustomReceived } from './messages.js';
import type { Credentials } from './options.js';
import type { ProfileList } from './profiles.js';
import type { TextMessage } from './text.js';

/** Why `disconnected` was emitted. */
export type DisconnectReason = 'disconnected' | 'unauthenticated' | 'replaced' | 'refused';

/** Events of calls on `JSAPI`: those of a `Call`, with the call first (7.4). */
export type JsapiCallEvents = {
  [Name in Exclude<keyof ShortCallEvents, 'state'> as `call:${Name}`]: [call: Call, ...rest: ShortCallEvents[Name]];
};

/** Events on `JSAPI` (2.1, 5, 7.4). */
export interface JsapiEvents extends JsapiCallEvents {
  /** `connect()` has succeeded, and what was missed has been told. */
  connected: [connectionId: string, userId: string, profiles: ProfileList, credentials: Credentials];
  /** The server is not reachable; it is being tried again, and commands wait. */
  reconnecting: [];
  /** It is reachable again. `resumed`: as the same connection. */
  reconnected: [resumed: boolean];
  /** Over until the next `connect()`. */
  disconnected: [reason: DisconnectReason];
  /** Something went wrong that no Promise tells of. */
  error: [error: JsapiError];
  /** The token expires in so many milliseconds; with a `tokenProvider` it is replaced by itself. */
  'auth:expiring': [expiresInMs: number];
  /** The user's number of connections: after `connected`, and whenever it changes. */
  'auth:multiconnection': [count: number];
  /** A text message for this user, or one that it has sent from another device. */
  'text:received': [message: TextMessage];
  /** A text message in its new version. */
  'text:edited': [message: TextMessage];
  /** A text message was erased. */
  'text:removed': [messageId: string];
  /** What somebody tells to whoever is attached now. */
  'custom:received': [message: CustomReceived];
  /** A call that this user has missed. */
  'call:missed': [record: CallRecord];
}
