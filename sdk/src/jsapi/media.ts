import type { Browser } from '../browser.js';
import { CrosspointClient } from '../client.js';
import { Devices } from '../devices.js';
import { stopTracks, type TrackKind } from '../local.js';
import { Mutex } from '../mutex.js';
import type { RtcStream } from '../stream.js';
import { deviceError } from './errors.js';
import type { CallMediaNews, MediaKinds } from './messages.js';

/** What a {@link CallMedia} reports. */
export interface MediaListener {
  /** The own stream, or nothing any more. */
  localStream(stream: MediaStream | undefined): void;
  /** A stream of somebody else, and whose profile its publisher says it is. */
  remoteStream(stream: MediaStream, profileId: string | undefined): void;
  remoteStreamGone(stream: MediaStream): void;
  /** Something went wrong that the server will see for itself (MED-7). */
  mediaFailed(error: unknown): void;
}

/** What a {@link CallMedia} works with. */
export interface MediaEnvironment {
  browser: Browser;
  /** Address of the JSAPI socket, on whose host media are unless it says otherwise. */
  url: string;
}

const kKinds = ['audio', 'video'] as const;

/** Devices and media connection of one call on this connection (jsapi section 11). */
export class CallMedia {
  private readonly devices: Devices;
  /** One after the other: opening devices, joining, publishing something else. */
  private readonly steps = new Mutex();
  /** The own stream: one and the same, and published once, whatever comes into it and leaves it. */
  private local: MediaStream | undefined;
  private client: CrosspointClient | undefined;
  /** With which the own stream is published, if it is. */
  private publisher: CrosspointClient | undefined;
  private epoch = 0;
  /** Counts what makes earlier steps void. */
  private generation = 0;
  /** How many changes are under way that switch a kind off. */
  private readonly silences: Record<TrackKind, number> = { audio: 0, video: 0 };
  /** Tracks that give nothing because of them, and would otherwise. */
  private readonly silenced = new Set<MediaStreamTrack>();

  constructor(
    private readonly environment: MediaEnvironment,
    private listener: MediaListener,
  ) {
    this.devices = new Devices(environment.browser);
  }

  /** Whether media were ever joined. */
  get joined(): boolean {
    return this.epoch > 0;
  }

  /** Reports to this listener from now on. */
  reportTo(listener: MediaListener): void {
    this.listener = listener;
  }

  /** Tells from now on whether media have been left since. */
  departure(): () => boolean {
    const { generation } = this;
    return () => generation !== this.generation;
  }

  /** Starts the devices for these kinds, as far as they do not run. Rejects with `media_denied` or `no_device` (MED-3). */
  open(kinds: MediaKinds): Promise<void> {
    const { generation } = this;
    return this.steps.run(() => this.capture(kinds, generation));
  }

  /** Stops the devices of other kinds. */
  restrict(kinds: MediaKinds): Promise<void> {
    return this.steps.run(async () => this.keepOnly(kinds));
  }

  /**
   * Makes the devices of other kinds give nothing, at once and whatever is under way, and those too that start
   * meanwhile. The function returned ends that; once the last has ended for a kind, what still runs of it is live.
   */
  silence(kinds: MediaKinds): () => void {
    const others = kKinds.filter((kind) => !kinds[kind]);
    for (const kind of others) this.silences[kind] += 1;
    this.hush();
    return () => {
      for (const kind of others) this.silences[kind] -= 1;
      for (const track of this.silenced) {
        if (this.silences[track.kind as TrackKind] > 0) continue;
        this.silenced.delete(track);
        track.enabled = true;
      }
    };
  }

  /** Takes the running devices of a call that this one takes the place of, and starts what they lack. */
  inherit(other: CallMedia, kinds: MediaKinds): Promise<void> {
    const stream = other.local;
    other.local = undefined;
    other.tell();
    if (stream && this.local) stopTracks(stream);
    else this.local = stream;
    this.hush();
    this.tell();
    return this.open(kinds);
  }

  /** Joins the call's session and publishes what is granted. What has an old epoch is passed over (MED-4). */
  async join(media: CallMediaNews, ownProfileId: string): Promise<void> {
    if (media.mediaEpoch <= this.epoch) return;
    this.epoch = media.mediaEpoch;
    const { generation, epoch } = this;
    const isStale = () => generation !== this.generation || epoch !== this.epoch;
    // Not as a step: the one before may wait for that connection, which comes back no more.
    const left = this.disconnect();
    await this.steps.run(async () => {
      await left;
      if (isStale()) return;
      this.keepOnly(media.publish);
      // After a reload of the page they do not run yet (CON-6). Without them one receives all the same.
      await this.capture(media.publish, generation).catch((error: unknown) => this.listener.mediaFailed(error));
      if (isStale()) return;
      const client = this.newClient();
      const websocketUrl = new URL(media.url || '/', this.environment.url).href;
      try {
        const connected = client.connect(media.deviceToken, { websocketUrl });
        // Without waiting, the stream travels along (MED-11).
        await Promise.all([connected, this.send(client, ownProfileId)]);
      } catch (error) {
        if (client === this.client) this.listener.mediaFailed(error);
      }
    });
  }

  /**
   * Publishes these kinds from now on (MED-6), of which `wanted` were opened for it. What of them was published before
   * is not interrupted.
   */
  publish(kinds: MediaKinds, wanted: MediaKinds, ownProfileId: string): Promise<void> {
    const { generation } = this;
    return this.steps.run(async () => {
      if (generation !== this.generation) return;
      this.keepOnly(kinds);
      // Where media were joined since the devices were opened, those that were not granted then have been stopped.
      await this.capture(wanted, generation);
      if (generation !== this.generation) return;
      const { client } = this;
      await (client && this.send(client, ownProfileId))?.catch((error: unknown) => {
        // Whoever joins anew publishes what there is by then.
        if (client === this.client) throw error;
      });
    });
  }

  /** Leaves the session and releases the devices, at once (MED-5). */
  leave(): void {
    this.generation += 1;
    if (this.local) stopTracks(this.local);
    this.local = undefined;
    this.tell();
    void this.disconnect();
  }

  private async capture(kinds: MediaKinds, generation: number): Promise<void> {
    const lacking = kKinds.filter((kind) => kinds[kind] && this.tracks(kind).length === 0);
    if (lacking.length === 0 || generation !== this.generation) return;
    const constraints = { audio: lacking.includes('audio'), video: lacking.includes('video') };
    const captured = await this.devices.capture(constraints).catch((error: unknown) => {
      throw deviceError(error);
    });
    if (generation === this.generation) this.add(captured);
    else stopTracks(captured);
  }

  private async send(client: CrosspointClient, ownProfileId: string): Promise<void> {
    if (!this.local) return;
    if (this.publisher === client) return void (await client.updateStream(this.local));
    if (this.local.getTracks().length === 0) return;
    await client.publish(this.local, { alias: ownProfileId });
    this.publisher = client;
  }

  private newClient(): CrosspointClient {
    const client = new CrosspointClient({}, this.environment.browser);
    client.on('streamAvailable', ({ mediaStream, alias }: RtcStream) => this.listener.remoteStream(mediaStream, alias));
    client.on('streamUnavailable', ({ mediaStream }) => this.listener.remoteStreamGone(mediaStream));
    this.client = client;
    return client;
  }

  private async disconnect(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.disconnect();
  }

  private tracks(kind: TrackKind): MediaStreamTrack[] {
    return this.local?.getTracks().filter((track) => track.kind === kind) ?? [];
  }

  private add(captured: MediaStream): void {
    this.local ??= captured;
    for (const track of captured.getTracks()) this.local.addTrack(track);
    this.hush();
    this.tell();
  }

  // A track that the application has muted itself stays so afterwards.
  private hush(): void {
    const silent = kKinds.filter((kind) => this.silences[kind] > 0).flatMap((kind) => this.tracks(kind));
    for (const track of silent.filter(({ enabled }) => enabled)) {
      this.silenced.add(track);
      track.enabled = false;
    }
  }

  private keepOnly(kinds: MediaKinds): void {
    for (const kind of kKinds) {
      if (kinds[kind]) continue;
      for (const track of this.tracks(kind)) {
        track.stop();
        this.local?.removeTrack(track);
      }
    }
    this.tell();
  }

  private tell(): void {
    this.listener.localStream(this.local?.getTracks().length ? this.local : undefined);
  }
}
