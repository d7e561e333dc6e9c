import BandwidthRtc from '@bandwidth/webrtc-browser';
import type { RtcStream } from '@bandwidth/webrtc-browser/dist/types';
import { CrosspointClient } from '@crosspoint/client';

export type SdkName = 'bandwidth' | 'crosspoint';

export interface RemoteStream {
  endpointId: string;
  mediaTypes?: string[];
  alias?: string;
  participantId?: string;
  mediaStream: MediaStream;
}

/** What the two SDKs have in common: the part of the public API that applications use. */
export interface Sdk {
  connect(deviceToken: string, websocketUrl: string): Promise<void>;
  publish(input: MediaStreamConstraints | MediaStream, alias?: string): Promise<RemoteStream>;
  unpublish(streamId: string): Promise<void>;
  disconnect(): void;
  onStreamAvailable(handler: (stream: RemoteStream) => void): void;
  onStreamUnavailable(handler: (streamId: string) => void): void;
}

export function makeSdk(name: SdkName): Sdk {
  return name === 'crosspoint' ? crosspoint() : bandwidth();
}

function bandwidth(): Sdk {
  const sdk = new BandwidthRtc('warn');
  return {
    connect: (deviceToken, websocketUrl) => sdk.connect({ deviceToken }, { websocketUrl }),
    publish: (input, alias) => sdk.publish(input, undefined, alias),
    unpublish: (streamId) => sdk.unpublish(streamId),
    disconnect: () => sdk.disconnect(),
    onStreamAvailable: (handler) => sdk.onStreamAvailable((stream: RtcStream) => handler(stream)),
    onStreamUnavailable: (handler) => sdk.onStreamUnavailable(handler),
  };
}

function crosspoint(): Sdk {
  const sdk = new CrosspointClient();
  return {
    connect: (token, websocketUrl) => sdk.connect(token, { websocketUrl }),
    publish: (input, alias) => sdk.publish(input, { alias }),
    unpublish: (streamId) => sdk.unpublish(streamId),
    disconnect: () => void sdk.disconnect(),
    onStreamAvailable: (handler) => void sdk.onStreamAvailable(handler),
    onStreamUnavailable: (handler) => void sdk.onStreamUnavailable(handler),
  };
}
