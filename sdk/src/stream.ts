import type { MediaType, StreamMetadata } from './protocol.js';

/** A stream, one's own or somebody else's. */
export interface RtcStream {
  /** Identifies the stream in every call and event: the id of its `mediaStream`. */
  endpointId: string;
  mediaStream: MediaStream;
  /** What the stream carries. For one's own streams: what the server accepted. */
  mediaTypes: MediaType[];
  /** The name that its publisher gave it. */
  alias?: string;
  /** Who publishes it. */
  participantId?: string;
}

/** The stream as an application sees it. */
export function rtcStream(mediaStream: MediaStream, metadata: StreamMetadata | undefined, alias?: string): RtcStream {
  return {
    endpointId: mediaStream.id,
    mediaStream,
    mediaTypes: metadata?.mediaTypes ?? [],
    alias: metadata?.alias ?? alias,
    participantId: metadata?.participantId,
  };
}

/** A stream, or its id. */
export type StreamOrId = RtcStream | MediaStream | string;

/** The id of what {@link StreamOrId} stands for. */
export function streamId(stream: StreamOrId): string {
  if (typeof stream === 'string') return stream;
  return 'endpointId' in stream ? stream.endpointId : stream.id;
}
