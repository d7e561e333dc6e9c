import { pageBrowser, type Browser } from './browser.js';
import {
  Connection,
  deviceUrl,
  type ConnectionEvents,
  type MediaConnection,
  type SubscriptionEvents,
} from './connection.js';
import { Devices } from './devices.js';
import { Emitter } from './emitter.js';
import { CrosspointError } from './errors.js';
import type { ClientEvents } from './events.js';
import { LevelMonitor, type AudioLevel } from './levels.js';
import { LocalStreams, stopTracks, type TrackEnded, type TrackKind } from './local.js';
import { Log } from './log.js';
import type { ClientOptions, ConnectOptions, PublishOptions, ScreenOptions } from './options.js';
import { Playback } from './playback.js';
import type { MediaType } from './protocol.js';
import { rtcStream, streamId, type RtcStream, type StreamOrId } from './stream.js';

const kConnectTimeout = 20_000;
const kScreenAlias = 'screenshare';

/** A device in a Crosspoint session. One object may connect, disconnect and connect again. */
export class CrosspointClient extends Emitter<ClientEvents> {
  private readonly log: Log;
  private readonly devices: Devices;
  private readonly local: LocalStreams;
  private readonly levels = new LevelMonitor();
  private readonly playback: Playback;
  private connection: Connection | undefined;
  private readonly remote = new Map<string, RtcStream>();
  private readonly levelHandlers = new Map<string, () => void>();

  /** @param browser for tests only: what stands for the page's browser. */
  constructor(
    options: ClientOptions = {},
    private readonly browser: Browser = pageBrowser,
  ) {
    super();
    this.log = new Log(options.logLevel);
    this.devices = new Devices(browser);
    this.local = new LocalStreams(this.devices);
    this.local.on('trackEnded', (ended) => void this.trackEnded(ended));
    this.playback = new Playback(browser);
    this.playback.on('blocked', () => this.emit('playbackBlocked', undefined));
    this.playback.on('resumed', () => this.emit('playbackResumed', undefined));
  }

  /**
   * Connects as the participant of a token.
   *
   * @param credentials the token, or `{ deviceToken }`.
   * @returns when the server has taken the device in. Rejects with a {@link CrosspointError}: `tokenInvalid`,
   * `replaced`, `participantDeleted`, `left`, `timeout`, `alreadyConnected`, `unsupported` (the browser opens no socket
   * to that address). A connection that is lost later comes back by itself; `reconnecting`, `reconnected` and `closed`
   * tell of it. A `publish()` that does not wait for it is sent along, which saves round trips.
   */
  async connect(credentials: string | { deviceToken: string }, options: ConnectOptions = {}): Promise<void> {
    if (this.connection) throw new CrosspointError('alreadyConnected', 'Already connected; call disconnect() first');
    const token = typeof credentials === 'string' ? credentials : credentials.deviceToken;
    const origin = options.websocketUrl ?? this.browser.socketOrigin();
    if (origin === undefined) throw new CrosspointError('unsupported', 'Where is the server? Give a websocketUrl');
    const events = new Emitter<ConnectionEvents & SubscriptionEvents>();
    const url = deviceUrl(origin, token, this.browser.uuid());
    const connection = new Connection(this.browser, url, options, this.log, events);
    this.connection = connection;
    this.forward(connection, events);
    await connection.signaling.open(options.timeout ?? kConnectTimeout);
    events.on('closed', (error) => this.emit('closed', error));
    this.emit('connected', { participantId: connection.signaling.hello?.participantId });
  }

  /** Leaves the session and stops what this SDK has started; `closed` follows with code `disconnected`. */
  async disconnect(): Promise<void> {
    await this.connection?.signaling.disconnect();
  }

  /**
   * Publishes a stream: a given one, or what the constraints ask for (microphone and camera by default). Survives a lost
   * connection: it resolves after reconnecting.
   *
   * @returns the stream; its `mediaTypes` are what the server accepted. Rejects with `permissionDenied`,
   * `deviceNotFound`, `deviceBusy`, `insecureContext` if there is no media, `notConnected`, or `rejected`.
   */
  async publish(
    input: MediaStreamConstraints | MediaStream = { audio: true, video: true },
    options: PublishOptions = {},
  ): Promise<RtcStream> {
    this.connected();
    const captured = !('getTracks' in input);
    const stream = captured ? await this.devices.capture(input) : input;
    return this.publishStream(stream, options, { captured, screen: false });
  }

  /**
   * Sends the tracks that a published stream has now, after some were added to its `mediaStream` or taken out. The
   * others keep the stream, and the tracks that stay are not interrupted. A track that is added again, or another of the
   * same kind instead of it, is sent at once; only the first of a further kind needs an offer to the server. What was
   * taken out is not stopped. Others hear of a further track by `streamChanged`; the public SDKs of the hosted service
   * fire `onStreamAvailable` once more instead, with the same stream.
   *
   * @returns the stream, with what it carries now. Rejects with `notConnected`, `rejected`, or `unsupported` if it is
   * not published.
   */
  async updateStream(stream: StreamOrId): Promise<RtcStream> {
    const { publisher } = this.connected();
    const id = streamId(stream);
    const known = this.local.get(id);
    if (!known) throw new CrosspointError('unsupported', 'This stream is not published');
    const { mediaStream } = known;
    const metadata = await publisher.update(mediaStream);
    // Unpublished, or disconnected, meanwhile.
    if (this.local.get(id) !== known) throw new CrosspointError('unsupported', 'This stream is not published any more');
    const { mediaTypes } = rtcStream(mediaStream, metadata);
    const carried = mediaStream.getTracks().map(({ kind }) => kind.toUpperCase() as MediaType);
    known.mediaTypes = carried.filter((type) => !metadata || mediaTypes.includes(type));
    this.local.refresh(id);
    this.levels.remove(id);
    this.meter(known);
    return known;
  }

  /** Asks the user for a screen and publishes it, as `screenshare` unless named otherwise, until it is unpublished. */
  async shareScreen({ display = { audio: true, video: true }, ...options }: ScreenOptions = {}): Promise<RtcStream> {
    this.connected();
    const stream = await this.devices.captureScreen(display);
    return this.publishStream(stream, { alias: kScreenAlias, ...options }, { captured: true, screen: true });
  }

  /** Unpublishes these streams, or all. Tracks that this SDK has started are stopped. */
  async unpublish(...streams: StreamOrId[]): Promise<void> {
    const ids = streams.length > 0 ? streams.map(streamId) : this.local.ids();
    for (const id of ids) this.dropLocal(id);
    await this.connection?.publisher.unpublish(ids);
  }

  /** Unpublishes the shared screen, if any. */
  async stopScreen(): Promise<void> {
    const id = this.local.screenId();
    if (id !== undefined) await this.unpublish(id);
  }

  /** Whether a screen is shared now. */
  get sharingScreen(): boolean {
    return this.local.screenId() !== undefined;
  }

  /** Short for `on('streamAvailable')`; returns a function that removes the listener. */
  onStreamAvailable(listener: (stream: RtcStream) => void): () => void {
    return this.on('streamAvailable', listener);
  }

  /** Like `on('streamUnavailable')`, but told only the stream's id; returns a function that removes the listener. */
  onStreamUnavailable(listener: (endpointId: string) => void): () => void {
    return this.on('streamUnavailable', ({ endpointId }) => listener(endpointId));
  }

  /** The streams of others that are available now. */
  get streams(): RtcStream[] {
    return [...this.remote.values()];
  }

  /** Mutes or unmutes the microphone in one stream, or in all but screens. */
  setMicEnabled(enabled: boolean, stream?: StreamOrId): void {
    this.local.setEnabled('audio', enabled, stream);
  }

  /** Blackens or shows the camera in one stream, or in all but screens. */
  setCameraEnabled(enabled: boolean, stream?: StreamOrId): void {
    this.local.setEnabled('video', enabled, stream);
  }

  /** Goes on with another microphone; the others notice nothing but the sound. */
  switchMicrophone(deviceId: string, stream?: StreamOrId): Promise<RtcStream> {
    return this.switchDevice('audio', deviceId, stream);
  }

  /** Goes on with another camera; the others notice nothing but the picture. */
  switchCamera(deviceId: string, stream?: StreamOrId): Promise<RtcStream> {
    return this.switchDevice('video', deviceId, stream);
  }

  /** Plays everything attached through another speaker, where the browser offers that choice. */
  setSpeaker(deviceId: string): Promise<void> {
    return this.playback.setSpeaker(deviceId);
  }

  /** Sends digits (`0-9 * # A-D`, and `,` for a pause) in one stream, or in all with sound. Throws `unsupported` if none has. */
  sendDtmf(tones: string, stream?: StreamOrId): void {
    const { publisher } = this.connected();
    publisher.sendDtmf(stream === undefined ? this.local.ids() : [streamId(stream)], tones);
  }

  /** Shows a stream in an `<audio>` or `<video>` element and plays it; the function returned takes it out again. */
  attach(stream: RtcStream | MediaStream, element: HTMLMediaElement): () => void {
    return this.playback.attach('mediaStream' in stream ? stream.mediaStream : stream, element);
  }

  /** Plays what the browser's autoplay policy has blocked; call it from a handler of a click or key. */
  resumePlayback(): Promise<void> {
    return this.playback.resume();
  }

  /** Tells `listener` how loud each stream is, own and others', until the function returned is called. */
  watchAudioLevels(listener: (level: AudioLevel) => void): () => void {
    return this.levels.watch(listener);
  }

  /** Tells `listener` how loud a stream is that is not published, such as a preview, until the function is called. */
  watchAudioLevel(stream: MediaStream, listener: (level: AudioLevel) => void): () => void {
    const monitor = new LevelMonitor();
    monitor.add(stream.id, () => this.browser.createLevelProbe(stream));
    return monitor.watch(listener);
  }

  /** Tells `listener` all devices whenever one was plugged in or out, until the function returned is called. */
  onDevicesChanged(listener: (devices: MediaDeviceInfo[]) => void): () => void {
    return this.browser.onDeviceChange(() => void this.devices.list().then(listener));
  }

  /** Microphones, cameras and speakers, of one kind or all; they have names once the user has allowed one. */
  getMediaDevices(kind?: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
    return this.devices.list(kind);
  }

  /** Microphones. */
  getAudioInputs(): Promise<MediaDeviceInfo[]> {
    return this.devices.list('audioinput');
  }

  /** Speakers, where the browser lists them. */
  getAudioOutputs(): Promise<MediaDeviceInfo[]> {
    return this.devices.list('audiooutput');
  }

  /** Cameras. */
  getVideoInputs(): Promise<MediaDeviceInfo[]> {
    return this.devices.list('videoinput');
  }

  /** WebRTC statistics of both media connections, as far as there are any. */
  async getStats(): Promise<Partial<Record<MediaConnection, RTCStatsReport>>> {
    const { publisher, subscriber } = this.connection ?? {};
    return { publishing: await publisher?.stats(), subscribing: await subscriber?.stats() };
  }

  private connected(): Connection {
    if (this.connection) return this.connection;
    throw new CrosspointError('notConnected', 'Not connected');
  }

  private forward(connection: Connection, events: Emitter<ConnectionEvents & SubscriptionEvents>): void {
    events.on('reconnecting', (wait) => this.emit('reconnecting', wait));
    events.on('reconnected', (how) => this.emit('reconnected', how));
    events.on('failed', (which) => this.emit('failed', which));
    events.on('recovered', (which) => this.emit('recovered', which));
    events.on('available', ({ mediaStream, metadata }) => {
      const stream = rtcStream(mediaStream, metadata);
      this.remote.set(stream.endpointId, stream);
      this.meterRemote(connection, stream);
      this.emit('streamAvailable', stream);
    });
    events.on('changed', ({ mediaStream, metadata }) => {
      const stream = this.remote.get(mediaStream.id);
      if (!stream) return;
      stream.mediaTypes = metadata?.mediaTypes ?? [];
      this.meterRemote(connection, stream);
      this.emit('streamChanged', stream);
    });
    events.on('unavailable', ({ mediaStream }) => {
      const stream = this.remote.get(mediaStream.id);
      this.levels.remove(mediaStream.id);
      this.remote.delete(mediaStream.id);
      if (stream) this.emit('streamUnavailable', stream);
    });
    events.on('closed', () => {
      for (const id of this.local.ids()) this.dropLocal(id);
      this.connection = undefined;
    });
  }

  private async publishStream(
    mediaStream: MediaStream,
    { alias, codecPreferences, audioLevelHandler }: PublishOptions,
    origin: { captured: boolean; screen: boolean },
  ): Promise<RtcStream> {
    try {
      const { publisher } = this.connected();
      const stream = rtcStream(mediaStream, await publisher.publish(mediaStream, { alias, codecPreferences }), alias);
      this.local.add(stream, origin);
      this.meter(stream);
      if (audioLevelHandler) this.handleLevel(stream.endpointId, audioLevelHandler);
      return stream;
    } catch (error) {
      if (origin.captured) stopTracks(mediaStream);
      throw error;
    }
  }

  private meter({ endpointId, mediaStream }: RtcStream): void {
    if (mediaStream.getAudioTracks().length === 0) return;
    this.levels.add(endpointId, () => this.browser.createLevelProbe(mediaStream));
  }

  private meterRemote({ subscriber }: Connection, { endpointId, mediaStream }: RtcStream): void {
    this.levels.remove(endpointId);
    if (mediaStream.getAudioTracks().length === 0) return;
    this.levels.add(endpointId, () => ({ read: () => subscriber.level(endpointId), close: () => undefined }));
  }

  private handleLevel(endpointId: string, handler: (level: AudioLevel) => void): void {
    const off = this.levels.watch((level) => level.endpointId === endpointId && handler(level));
    this.levelHandlers.set(endpointId, off);
  }

  private dropLocal(id: string): void {
    this.levelHandlers.get(id)?.();
    this.levelHandlers.delete(id);
    this.levels.remove(id);
    this.local.remove(id);
  }

  private async switchDevice(kind: TrackKind, deviceId: string, only?: StreamOrId): Promise<RtcStream> {
    const { publisher } = this.connected();
    const send = publisher.replaceTrack.bind(publisher);
    const stream = await this.local.switchDevice(kind, deviceId, only, send);
    if (kind === 'audio') this.meter(stream);
    return stream;
  }

  private async trackEnded(ended: TrackEnded): Promise<void> {
    const { endpointId } = ended.stream;
    if (endpointId === this.local.screenId()) await this.unpublish(endpointId).catch(() => undefined);
    this.emit('localTrackEnded', ended);
  }
}
