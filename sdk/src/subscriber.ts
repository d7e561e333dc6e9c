import type { Browser } from './browser.js';
import { Emitter } from './emitter.js';
import type { Log } from './log.js';
import { Mutex } from './mutex.js';
import { closePeer, createPeer, reportedLevel, type IceOptions } from './peer.js';
import type { SdpOffer, StreamMetadata } from './protocol.js';
import type { MediaEvents } from './publisher.js';
import type { Signaling } from './signaling.js';

/** A stream of somebody else, with what the server says of it. */
export interface Subscription {
  mediaStream: MediaStream;
  metadata: StreamMetadata | undefined;
}

/** What a {@link Subscriber} reports. */
export interface SubscriberEvents extends MediaEvents {
  /** All tracks of a stream are there; said once for each stream. */
  available: Subscription;
  /** Tracks have joined a stream that is available or left it, or were exchanged for those of another connection. */
  changed: Subscription;
  /** The last track of a stream is gone. */
  unavailable: Subscription;
}

/**
 * The server must be the DTLS client on this connection. Offered `actpass` a browser would choose that role itself;
 * offered `active` it answers `passive`, and the answer need not be edited (which browsers are about to forbid).
 */
export function withServerAsDtlsClient(sdp: string): string {
  return sdp.replace(/^a=setup:actpass/gm, 'a=setup:active');
}

/** Gives a stream the tracks of another. */
function adopt(stream: MediaStream, other: MediaStream): MediaStream {
  const tracks = other.getTracks();
  for (const track of stream.getTracks()) if (!tracks.includes(track)) stream.removeTrack(track);
  for (const track of tracks) stream.addTrack(track);
  return stream;
}

// On another connection they have the same ids, which the server gives, and are others all the same.
function areSame(tracks: readonly MediaStreamTrack[], others: readonly MediaStreamTrack[]): boolean {
  return tracks.length === others.length && tracks.every((track, at) => track === others[at]);
}

/** The subscribing connection: the server offers, and says which streams there are. */
export class Subscriber extends Emitter<SubscriberEvents> {
  private peer: RTCPeerConnection | undefined;
  private revision = 0;
  private readonly offers = new Mutex();
  /** Streams that the browser has tracks for, from the moment it knows them. */
  private readonly arrived = new Map<string, MediaStream>();
  private readonly announced = new Map<string, Subscription & { tracks: MediaStreamTrack[] }>();
  /** Those that were announced on an earlier connection: the application keeps its streams, and they get the tracks. */
  private readonly carried = new Set<string>();
  private forgotten = false;
  private failing = false;
  private closed = false;

  constructor(
    private readonly browser: Browser,
    private readonly signaling: Signaling,
    private readonly ice: IceOptions,
    private readonly log: Log,
  ) {
    super();
  }

  /** Follows an offer of the server; one with an old revision is ignored. Never rejects: the server offers again. */
  handleOffer(offer: SdpOffer): Promise<void> {
    return this.offers.run(async () => {
      if (this.closed || offer.sdpRevision <= this.revision) return;
      try {
        await this.accept(offer);
      } catch (error) {
        if (!this.closed) this.log.warn(`offer ${offer.sdpRevision} failed: ${String(error)}`);
      }
    });
  }

  /**
   * The server has lost its side of the connection: its next offer makes another one, which carries on the streams that
   * it has. See {@link Publisher.startAnew}.
   */
  startAnew(): void {
    this.forgotten = true;
  }

  /** Sound level of a stream, from 0 to 1, as the browser measures what it plays. */
  async level(streamId: string): Promise<number> {
    const track = this.announced.get(streamId)?.mediaStream.getAudioTracks()[0];
    const receiver = track && this.peer?.getReceivers().find((one) => one.track === track);
    return receiver ? reportedLevel(await receiver.getStats()) : 0;
  }

  /** Statistics of the connection; nothing before the first offer. */
  async stats(): Promise<RTCStatsReport | undefined> {
    return this.peer?.getStats();
  }

  /** Closes the connection; every stream becomes unavailable. */
  close(): void {
    this.closed = true;
    this.discardPeer();
  }

  private async accept(offer: SdpOffer): Promise<void> {
    const answer = await this.answer(offer);
    if (this.closed) return;
    this.announce(offer.streamMetadata);
    // Should the socket be lost now, then the server offers again with a higher revision.
    await this.signaling.call('answerSdp', { sdpAnswer: answer });
    this.revision = offer.sdpRevision;
  }

  // A server that has lost its state may offer what does not fit our connection's earlier sections: then a new
  // connection does, at the price of announcing all streams again.
  private async answer({ sdpOffer }: SdpOffer): Promise<string> {
    if (this.forgotten) this.carryOver();
    const existing = this.peer;
    try {
      return await this.negotiate(existing ?? this.createPeer(), sdpOffer);
    } catch (error) {
      this.discardPeer();
      if (!existing || this.closed) throw error;
      this.log.info(`starting the subscribing connection anew: ${String(error)}`);
      return this.negotiate(this.createPeer(), sdpOffer);
    }
  }

  private async negotiate(peer: RTCPeerConnection, sdpOffer: string): Promise<string> {
    await peer.setRemoteDescription({ type: 'offer', sdp: withServerAsDtlsClient(sdpOffer) });
    const answer = await peer.createAnswer();
    await peer.setLocalDescription(answer);
    return answer.sdp ?? '';
  }

  private createPeer(): RTCPeerConnection {
    const peer = createPeer(this.browser, this.ice);
    peer.onconnectionstatechange = () => this.stateChanged(peer.connectionState);
    peer.ontrack = ({ streams }: RTCTrackEvent) => {
      for (const stream of streams) this.arrived.set(stream.id, stream);
    };
    this.peer = peer;
    return peer;
  }

  private carryOver(): void {
    this.forgotten = false;
    for (const id of this.announced.keys()) this.carried.add(id);
    this.closePeer();
  }

  private closePeer(): void {
    if (this.peer) closePeer(this.peer);
    this.peer = undefined;
    this.arrived.clear();
  }

  private discardPeer(): void {
    this.closePeer();
    for (const id of this.announced.keys()) this.retire(id);
  }

  // Called when a description is wholly applied: the browser has put all tracks of a stream into it, and taken out
  // those that stopped. That makes one event for each stream, whatever its number of tracks.
  private announce(metadata: Record<string, StreamMetadata> | undefined): void {
    for (const id of this.carried) if (!this.arrived.has(id)) this.retire(id);
    for (const [id, arrived] of this.arrived) {
      const carried = this.carried.has(id) ? this.announced.get(id) : undefined;
      const mediaStream = carried ? adopt(carried.mediaStream, arrived) : arrived;
      const empty = mediaStream.getTracks().length === 0;
      if (empty) this.arrived.delete(id);
      // A stream that moved to other sections at once is another object under the same id.
      if (empty || this.announced.get(id)?.mediaStream !== mediaStream) this.retire(id);
      if (empty) continue;
      const known = this.announced.get(id);
      const tracks = mediaStream.getTracks();
      if (known && areSame(known.tracks, tracks)) continue;
      const subscription = { mediaStream, metadata: metadata?.[id] };
      this.announced.set(id, { ...subscription, tracks });
      this.emit(known ? 'changed' : 'available', subscription);
    }
  }

  private retire(id: string): void {
    const subscription = this.announced.get(id);
    this.announced.delete(id);
    this.carried.delete(id);
    if (subscription) this.emit('unavailable', subscription);
  }

  private stateChanged(state: RTCPeerConnectionState): void {
    this.log.info(`subscribing connection ${state}`);
    // The server repairs this one: it hears that our checks have stopped, and offers with new ICE credentials.
    if (state === 'failed' && !this.failing) {
      this.failing = true;
      this.emit('failed', undefined);
    } else if (state === 'connected' && this.failing) {
      this.failing = false;
      this.emit('recovered', undefined);
    }
  }
}
