import './peer_connections'; // must come before the SDK
import BandwidthRtc from '@bandwidth/webrtc-browser';
import type { RtcStream } from '@bandwidth/webrtc-browser/dist/types';
import { mediaReport, type MediaReport } from './report';
import { Screen, type FramesShown } from './screen';

export interface Published {
  endpointId: string;
  mediaTypes: string[];
  alias?: string;
}

/** What the SDK told the application, in order. `at` is Unix time in ms. */
export type StreamEvent = { at: number; streamId: string } & (
  | { kind: 'available'; mediaTypes?: string[]; alias?: string; participantId?: string; tracks: string[] }
  | { kind: 'unavailable' }
);

export interface PublishOptions {
  audio?: boolean;
  /** Absent or false: none. The fake camera gives 20 frames a second. */
  video?: { width: number; height: number } | false;
  alias?: string;
}

/** One device: the unmodified SDK as an application would use it, and what a test wants to know about it. */
class Client {
  readonly events: StreamEvent[] = [];
  private sdk = new BandwidthRtc('warn');
  private readonly screen = new Screen();
  private readonly remote = new Map<string, MediaStream>();
  private readonly published = new Map<string, RtcStream>();

  constructor() {
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

  async connect(deviceToken: string, websocketUrl: string): Promise<void> {
    await this.sdk.connect({ deviceToken }, { websocketUrl });
  }

  async publish({ audio = true, video = { width: 320, height: 180 }, alias }: PublishOptions): Promise<Published> {
    const constraints = { audio, video: video && { ...video, frameRate: 20 } };
    const stream = await this.sdk.publish(constraints, undefined, alias);
    this.published.set(stream.endpointId, stream);
    return { endpointId: stream.endpointId, mediaTypes: stream.mediaTypes, alias: stream.alias };
  }

  async unpublish(streamId: string): Promise<void> {
    const stream = this.published.get(streamId);
    if (!stream) throw new Error(`${streamId} is not published`);
    await this.sdk.unpublish(stream);
    stream.mediaStream.getTracks().forEach((track) => track.stop());
    this.published.delete(streamId);
  }

  sendDtmf(tones: string): void {
    this.sdk.sendDtmf(tones);
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
window.client = new Client();
export type { Client };
