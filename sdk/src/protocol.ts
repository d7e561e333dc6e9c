/** Methods that a device calls; requests have answers, `leave` and `deviceDiagnostics` are notifications. */
export type RequestMethod = 'setMediaPreferences' | 'offerSdp' | 'answerSdp' | 'ping';

/** Kinds of media in a stream. */
export type MediaType = 'AUDIO' | 'VIDEO' | 'APPLICATION';

/** What the server says about one stream. */
export interface StreamMetadata {
  /** The server's id of the stream; applications get the media stream's id instead. */
  endpointId: string;
  mediaTypes: MediaType[];
  alias?: string;
  /** Who publishes it. */
  participantId: string;
}

/** What a device says with each offer: always all of its published streams, and its two data channels. */
export interface PublishMetadata {
  mediaStreams: Record<string, { alias?: string }>;
  dataChannels: Record<string, { label: string; streamId: number }>;
}

/** Answer to `offerSdp`. */
export interface OfferResult {
  sdpAnswer: string;
  endpointId: string;
  streamMetadata?: Record<string, StreamMetadata>;
}

/** The server's offer for the subscribing connection. */
export interface SdpOffer {
  sdpOffer: string;
  /** Grows with every offer to a participant; an offer that does not is stale. */
  sdpRevision: number;
  endpointId: string;
  streamMetadata: Record<string, StreamMetadata>;
}

/** What the server says first on every socket. */
export interface Hello {
  /** Names one run of the server: another value means that it restarted and knows no media connection any more. */
  instance: string;
  participantId: string;
  /** Whether the server still knew this device from an earlier socket. */
  resumed: boolean;
}

/** Said by the server just before it closes the socket for good. */
export interface Refused {
  code: string;
  message: string;
}
