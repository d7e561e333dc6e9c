import type { ConnectionEvents } from './connection.js';
import type { TrackEnded } from './local.js';
import type { RtcStream } from './stream.js';

/** Events of a `CrosspointClient`. */
export interface ClientEvents extends ConnectionEvents {
  /** `connect()` has succeeded. */
  connected: { participantId?: string };
  /** A stream of somebody else has come, with all its tracks. */
  streamAvailable: RtcStream;
  /**
   * A track has joined a stream of somebody else or left it, as `mediaTypes` tell; or its tracks have been exchanged for
   * others with the same ids, after a restart of the server. The stream and its `mediaStream` are the same objects. The
   * browser does not tell of an exchange: what works on a track, such as a source of an `AudioContext` or a
   * `MediaRecorder`, has to be made anew.
   */
  streamChanged: RtcStream;
  /** A stream of somebody else has gone. */
  streamUnavailable: RtcStream;
  /** A track of ours ended by itself. A shared screen is unpublished already. */
  localTrackEnded: TrackEnded;
  /** The browser wants a click before it plays sound; the next one on the page, or `resumePlayback()`, starts it. */
  playbackBlocked: void;
  /** Everything plays that was blocked. */
  playbackResumed: void;
}
