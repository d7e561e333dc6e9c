import type { Browser } from '../browser.js';
import { CrosspointClient } from '../client.js';
import { Devices } from '../devices.js';
import { stopTracks } from '../local.js';
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
  private local: MediaStream | undefined;
  private client: CrosspointClient | undefined;
  private epoch = 0;
  /** Counts what makes earlier steps void. */
  private generation = 0;

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

  /** Starts the devices for these kinds, as far as they do not run. Rejects with `media_denied` or `no_device` (MED-3). */
  open(kinds: MediaKinds): Promise<void> {
    const { generation } = this;
    return this.steps.run(() => this.capture(kinds, generation));
  }

  /** Stops the devices of other kinds. */
  restrict(kinds: MediaKinds): Promise<void> {
    return this.steps.run(async () => this.keepOnly(kinds));
  }

  /** Takes the running devices of a call that this one takes the place of, and starts what they lack. */
  inherit(other: CallMedia, kinds: MediaKinds): Promise<void> {
    const stream = other.local;
    other.setLocal(undefined);
    if (stream && !this.local) this.setLocal(stream);
    else if (stream) stopTracks(stream);
    return this.open(kinds);
  }

  /** Joins the call's session and publishes what is granted. What has an old epoch is passed over (MED-4). */
  async join(media: CallMediaNews, ownProfileId: string): Promise<void> {
    if (media.mediaEpoch <= this.epoch) return;
    this.epoch = media.mediaEpoch;
    const { generation } = this;
    const { epoch } = this;
    await this.steps.run(async () => {
      if (generation !== this.generation || epoch !== this.epoch) return;
      await this.disconnect();
      this.keepOnly(media.publish);
      // After a reload of the page they do not run yet (CON-6). Without them one receives all the same.
      await this.capture(media.publish, generation).catch((error: unknown) => this.listener.mediaFailed(error));
      if (generation !== this.generation) return;
      const client = this.newClient();
      const websocketUrl = new URL(media.url || '/', this.environment.url).href;
      try {
        const connected = client.connect(media.deviceToken, { websocketUrl });
        // Without waiting, it travels along (MED-11).
        const published = this.local && client.publish(this.local, { alias: ownProfileId });
        await Promise.all([connected, published]);
      } catch (error) {
        if (client === this.client) this.listener.mediaFailed(error);
      }
    });
  }

  /** Publishes these kinds from now on (MED-6). Devices for what is new have to be open already. */
  publish(kinds: MediaKinds, ownProfileId: string): Promise<void> {
    return this.steps.run(async () => {
      const { client } = this;
      if (this.local) await client?.unpublish(this.local.id);
      this.keepOnly(kinds);
      if (this.local) await client?.publish(this.local, { alias: ownProfileId });
    });
  }

  /** Leaves the session and releases the devices, at once (MED-5). */
  leave(): void {
    this.generation += 1;
    if (this.local) stopTracks(this.local);
    this.setLocal(undefined);
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

  private tracks(kind: 'audio' | 'video'): MediaStreamTrack[] {
    return this.local?.getTracks().filter((track) => track.kind === kind) ?? [];
  }

  private add(captured: MediaStream): void {
    if (!this.local) return this.setLocal(captured);
    for (const track of captured.getTracks()) this.local.addTrack(track);
    this.listener.localStream(this.local);
  }

  private keepOnly(kinds: MediaKinds): void {
    for (const kind of kKinds) {
      if (kinds[kind]) continue;
      for (const track of this.tracks(kind)) {
        track.stop();
        this.local?.removeTrack(track);
      }
    }
    if (this.local?.getTracks().length === 0) this.setLocal(undefined);
  }

  private setLocal(stream: MediaStream | undefined): void {
    if (stream === this.local) return;
    this.local = stream;
    this.listener.localStream(stream);
  }
}
