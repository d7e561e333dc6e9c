import type { Devices } from './devices.js';
import { Emitter } from './emitter.js';
import { CrosspointError } from './errors.js';
import { streamId, type RtcStream, type StreamOrId } from './stream.js';

/** Kind of a track. */
export type TrackKind = 'audio' | 'video';

/** Reported by {@link LocalStreams}: a track of ours ended by itself, such as a screen that the user stopped sharing. */
export interface TrackEnded {
  stream: RtcStream;
  kind: TrackKind;
}

interface LocalStream {
  stream: RtcStream;
  /** Whether this SDK started the tracks, and so has to stop them. */
  captured: boolean;
  screen: boolean;
  stopListening(): void;
}

/** The streams that this device publishes: muting, switching devices, and whose tracks they are. */
export class LocalStreams extends Emitter<{ trackEnded: TrackEnded }> {
  private readonly streams = new Map<string, LocalStream>();

  constructor(private readonly devices: Devices) {
    super();
  }

  /** Takes a stream that has been published. */
  add(stream: RtcStream, origin: { captured: boolean; screen: boolean }): void {
    const local: LocalStream = { stream, ...origin, stopListening: () => undefined };
    this.streams.set(stream.endpointId, local);
    this.listen(local);
  }

  /** Lets go of a stream; its tracks stop if this SDK started them. */
  remove(id: string): void {
    const local = this.streams.get(id);
    if (!local) return;
    this.streams.delete(id);
    local.stopListening();
    if (local.captured) stopTracks(local.stream.mediaStream);
  }

  /** A stream that is published. */
  get(id: string): RtcStream | undefined {
    return this.streams.get(id)?.stream;
  }

  /** Takes the tracks that a stream has now for its own. */
  refresh(id: string): void {
    const local = this.streams.get(id);
    if (!local) return;
    local.stopListening();
    this.listen(local);
  }

  /** Ids of all streams, in the order they were published. */
  ids(): string[] {
    return [...this.streams.keys()];
  }

  /** Id of the shared screen, if one is shared. */
  screenId(): string | undefined {
    return [...this.streams.values()].find(({ screen }) => screen)?.stream.endpointId;
  }

  /** Mutes or unmutes the tracks of one kind, in one stream or in all that are no screens. Nothing is negotiated. */
  setEnabled(kind: TrackKind, enabled: boolean, only?: StreamOrId): void {
    for (const { stream } of this.chosen(only)) {
      for (const track of tracks(stream.mediaStream, kind)) track.enabled = enabled;
    }
  }

  /**
   * Starts another device in place of the present one of that kind, in one stream or the first that has such a track.
   * `send` puts the new track on the wire. The old track leaves the media stream and is stopped.
   */
  async switchDevice(
    kind: TrackKind,
    deviceId: string,
    only: StreamOrId | undefined,
    send: (id: string, old: MediaStreamTrack, next: MediaStreamTrack) => Promise<void>,
  ): Promise<RtcStream> {
    const local = this.chosen(only).find(({ stream }) => tracks(stream.mediaStream, kind).length > 0);
    const old = local && tracks(local.stream.mediaStream, kind)[0];
    if (!local || !old) throw new CrosspointError('unsupported', `No published stream has ${kind}`);
    const next = await this.devices.captureInstead(old, deviceId);
    next.enabled = old.enabled;
    try {
      await send(local.stream.endpointId, old, next);
      // Unpublished, or disconnected, while the device was being started.
      if (this.streams.get(local.stream.endpointId) !== local)
        throw new CrosspointError('unsupported', 'The stream is not published any more');
    } catch (error) {
      next.stop();
      throw error;
    }
    const { mediaStream } = local.stream;
    local.stopListening();
    mediaStream.removeTrack(old);
    mediaStream.addTrack(next);
    old.stop();
    this.listen(local);
    return local.stream;
  }

  private chosen(only: StreamOrId | undefined): LocalStream[] {
    if (only === undefined) return [...this.streams.values()].filter(({ screen }) => !screen);
    const local = this.streams.get(streamId(only));
    return local ? [local] : [];
  }

  private listen(local: LocalStream): void {
    const listened = local.stream.mediaStream.getTracks();
    const ended = ({ target }: Event) =>
      this.emit('trackEnded', { stream: local.stream, kind: (target as MediaStreamTrack).kind as TrackKind });
    for (const track of listened) track.addEventListener('ended', ended);
    local.stopListening = () => {
      for (const track of listened) track.removeEventListener('ended', ended);
    };
  }
}

/** Tracks of one kind. */
function tracks(stream: MediaStream, kind: TrackKind): MediaStreamTrack[] {
  return kind === 'audio' ? stream.getAudioTracks() : stream.getVideoTracks();
}

/** Stops every track, and with it the light of the camera. */
export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
