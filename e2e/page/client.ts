import { detailedPicture } from './detailed_picture';
import { mediaReport, type MediaReport } from './report';
import { Screen, type FramesShown } from './screen';
import { makeSdk, type Sdk, type SdkName } from './sdk';

export interface Published {
  endpointId: string;
  mediaTypes?: string[];
  alias?: string;
}

/** What the SDK told the application, in order. `at` is Unix time in ms. */
export type StreamEvent = { at: number; streamId: string } & (
  | { kind: 'available'; mediaTypes?: string[]; alias?: string; participantId?: string; tracks: string[] }
  | { kind: 'unavailable' }
);

export interface PublishOptions {
  audio?: boolean;
  /** Absent: small. False: none. The fake camera gives 20 frames a second. */
  video?: { width: number; height: number } | false;
  alias?: string;
  /** Instead of camera and microphone: a picture that takes all the bit rate there is. */
  detailed?: boolean;
}

/** One device: an SDK as an application would use it, and what a test wants to know about it. */
class Client {
  readonly events: StreamEvent[] = [];
  private readonly sdk: Sdk;
  private readonly screen = new Screen();
  private readonly remote = new Map<string, MediaStream>();

  constructor(name: SdkName) {
    this.sdk = makeSdk(name);
    this.sdk.onStreamAvailable((stream) => {
      this.remote.set(stream.endpointId, stream.mediaStream);
      this.screen.show(stream.endpointId, stream.mediaStream);
      this.events.push({
        at: Date.now(),
        kind: 'available',
        streamId: stream.endpointId,
        mediaTypes: stream.mediaTypes,
        alias: stream.alias,
        participantId: stream.participantId,
        tracks: stream.mediaStream.getTracks().map((track) => track.kind),
      });
    });
    this.sdk.onStreamUnavailable((streamId) => {
      this.remote.delete(streamId);
      this.screen.remove(streamId);
      this.events.push({ at: Date.now(), kind: 'unavailable', streamId });
    });
  }

  connect(deviceToken: string, websocketUrl: string): Promise<void> {
    return this.sdk.connect(deviceToken, websocketUrl);
  }

  async publish(options: PublishOptions): Promise<Published> {
    const { audio = true, video = { width: 320, height: 180 }, alias, detailed = false } = options;
    const input =
      detailed && video
        ? detailedPicture(video.width, video.height, 20)
        : { audio, video: video && { ...video, frameRate: 20 } };
    const stream = await this.sdk.publish(input, alias);
    return { endpointId: stream.endpointId, mediaTypes: stream.mediaTypes, alias: stream.alias };
  }

  /** Publishes camera and microphone without waiting for the connection. */
  async connectPublishing(deviceToken: string, websocketUrl: string, alias: string): Promise<Published> {
    const video = { width: 320, height: 180, frameRate: 20 };
    const input = await navigator.mediaDevices.getUserMedia({ audio: true, video });
    const connected = this.sdk.connect(deviceToken, websocketUrl);
    const [stream] = await Promise.all([this.sdk.publish(input, alias), connected]);
    return { endpointId: stream.endpointId, mediaTypes: stream.mediaTypes, alias: stream.alias };
  }

  unpublish(streamId: string): Promise<void> {
    return this.sdk.unpublish(streamId);
  }

  disconnect(): void {
    this.sdk.disconnect();
  }

  report(): Promise<MediaReport> {
    return mediaReport(this.remote);
  }

  frames(streamId: string): FramesShown | undefined {
    return this.screen.frames(streamId);
  }

  resetGaps(): void {
    this.screen.resetGaps();
  }
}

declare global {
  interface Window {
    client: Client;
  }
}
window.client = new Client(location.hash === '#crosspoint' ? 'crosspoint' : 'bandwidth');
export type { Client };
