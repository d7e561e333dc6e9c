import type { AudioLevel } from './levels.js';
import type { LogLevel } from './log.js';
import type { IceOptions } from './peer.js';
import type { CodecPreferences } from './publisher.js';

/** Options of a client. */
export interface ClientOptions {
  /** What is printed on the console: by default, warnings. */
  logLevel?: LogLevel;
}

/** Options of `connect()`. */
export interface ConnectOptions extends IceOptions {
  /** Where the server is, such as `wss://media.example.org`; by default, where the page came from. */
  websocketUrl?: string;
  /** Milliseconds after which `connect()` gives up; 20 s by default. */
  timeout?: number;
}

/** Options of `publish()`. */
export interface PublishOptions {
  /** Name of the stream for those who receive it. */
  alias?: string;
  /** Told the stream's own sound level, as long as it is published. */
  audioLevelHandler?: (level: AudioLevel) => void;
  /** Codecs to prefer; the server keeps the first that it allows. */
  codecPreferences?: CodecPreferences;
}

/** Options of `shareScreen()`. */
export interface ScreenOptions extends PublishOptions {
  /** What to ask the user for; by default a screen, window or tab, with its sound where the browser offers that. */
  display?: DisplayMediaStreamOptions;
}
