import type { Device, MediaKinds, OwnProfile } from './messages.js';

/** Where tokens and cursors are kept, such as `localStorage`. */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Options of `JSAPI.configure()`. */
export interface JsapiOptions {
  /** The server's WebSocket endpoint, `wss://HOST/jsapi/v1`. */
  url: string;
  /** The tenant: an account of the platform. */
  appId: string;
  /** What the user's other devices are told of this one. */
  device?: Device;
  /** Whether `call.ringing` is sent by itself for an incoming call; `true` unless given. */
  autoRinging?: boolean;
  /** Whether a reload of the page comes back as the same connection; `true` unless given. */
  autoResume?: boolean;
  /** Where the resume token and the cursor of the user log are kept; the tab's session storage unless given. */
  storage?: KeyValueStorage;
  /** Is given one line for whatever helps to find a fault; without it, warnings go to the console. */
  logger?: (level: 'info' | 'warn', message: string) => void;
}

/** What a connection was made with. */
export interface Credentials {
  /** What says who the user is. */
  token: string;
  /** How long it is good for, from now on. */
  expiresInMs: number;
}

/** Options of `JSAPI.connect()`: one of `token` and `tokenProvider` at least. */
export interface JsapiConnectOptions {
  /** What says who the user is; made by the application's server. */
  token?: string;
  /** Gets a token, at first and whenever one expires. */
  tokenProvider?: () => Promise<string>;
  /** Called like a listener of `connected`, once. */
  callback?: (connectionId: string, userId: string, profiles: OwnProfile[], credentials: Credentials) => void;
  /** Cursor in the user log; what came after it is told. By default, the one that `storage` has. */
  since?: string;
}

/** Audio and video, each optional. */
export type SomeMedia = Partial<MediaKinds>;

/** Options of `JSAPI.openCall()`. */
export interface OpenCallOptions extends SomeMedia {
  /** `false`: nothing is sent before `call.init()`. */
  immediate?: boolean;
  /** Ends the live call of the same chain in favour of this one (LAST-1). */
  replace?: boolean;
  /** Holds the call that this connection is in now (SLOT-1). */
  holdOthers?: boolean;
  /** How long it rings, in milliseconds. */
  ringTimeoutMs?: number;
}

/** `JSAPI.openCall()` in one object (OPEN-7). */
export interface OpenCallRequest {
  from: string;
  to: string | string[];
  chainId?: string | null | false;
  immediate?: boolean;
  settings?: OpenCallOptions;
}

/** Options of methods that make this connection take part. */
export interface TakePartOptions extends SomeMedia {
  /** Holds the call that this connection is in now (SLOT-1). */
  holdOthers?: boolean;
}

/** Options of `JSAPI.getHistory()` and `JSAPI.getChains()`. */
export interface PageOptions<Cursor> {
  /** Where the page before ended. */
  before?: Cursor;
  /** At most 100; 50 unless given. */
  limit?: number;
}

/** Options of `Participant.render()`. */
export interface RenderOptions {
  /** Id of the element on the page that the video is put into. */
  containerId: string;
  /** Width of the video, in pixels. */
  width?: number;
  /** Height of the video, in pixels. */
  height?: number;
}
