import type { Browser } from './browser.js';
import { Emitter } from './emitter.js';
import { CrosspointError } from './errors.js';
import type { Log } from './log.js';
import { Mutex } from './mutex.js';
import { closePeer, createPeer, kDataChannels, type IceOptions } from './peer.js';
import type { OfferResult, StreamMetadata } from './protocol.js';
import type { Signaling } from './signaling.js';

/** Codecs in the order of preference; the server keeps the first one that it allows. */
export interface CodecPreferences {
  audio?: RTCRtpCodec[];
  video?: RTCRtpCodec[];
}

/** What a {@link Publisher} is told of a stream beside its tracks. */
export interface PublicationOptions {
  alias?: string;
  codecPreferences?: CodecPreferences;
}

/** What a {@link Publisher} reports: the state of its media connection. */
export interface MediaEvents {
  /** No media passes. */
  failed: void;
  /** Media passes again. */
  recovered: void;
}

interface Publication extends PublicationOptions {
  stream: MediaStream;
  /** Each is of one kind for ever, and sends a track of it or nothing. */
  transceivers: RTCRtpTransceiver[];
}

const kRestartInterval = 5_000;

// Without a codec for both, its section was rejected: for the browser that is the end of it (RFC 8829 5.11).
function isStopped({ currentDirection }: RTCRtpTransceiver): boolean {
  return currentDirection === 'stopped';
}

// Gives transceivers whose track has gone another of the same kind, or none, and returns those that found no place.
async function exchangeTracks(
  transceivers: readonly RTCRtpTransceiver[],
  tracks: readonly MediaStreamTrack[],
): Promise<MediaStreamTrack[]> {
  const further = tracks.filter((track) => transceivers.every(({ sender }) => sender.track !== track));
  for (const { sender, receiver } of transceivers.filter((one) => !isStopped(one))) {
    if (sender.track && tracks.includes(sender.track)) continue;
    const next = further.findIndex(({ kind }) => kind === receiver.track.kind);
    await sender.replaceTrack(next < 0 ? null : further.splice(next, 1)[0]!);
  }
  return further;
}

// Whether it sends what it has, as far as it ever will: it does not before it was offered, nor where the server did not
// permit its kind then.
function isSettled(transceiver: RTCRtpTransceiver): boolean {
  return !transceiver.sender.track || transceiver.currentDirection === 'sendonly' || isStopped(transceiver);
}

// What another connection is to send: what is sent, and what would be of a kind that could not.
function carriedTracks({ stream, transceivers }: Publication): MediaStreamTrack[] {
  const wanted = transceivers.flatMap((transceiver) => {
    const { kind } = transceiver.receiver.track;
    if (isStopped(transceiver)) return stream.getTracks().filter((track) => track.kind === kind);
    return transceiver.sender.track ?? [];
  });
  return [...new Set(wanted)];
}

function disconnected(): CrosspointError {
  return new CrosspointError('notConnected', 'Disconnected meanwhile');
}

/** The publishing connection: the client offers, one transceiver for each track. */
export class Publisher extends Emitter<MediaEvents> {
  private peer: RTCPeerConnection | undefined;
  private readonly publications = new Map<string, Publication>();
  private readonly offers = new Mutex();
  private restartTimer: ReturnType<typeof setTimeout> | undefined;
  /** The server does not know, or does not reach, our present ICE credentials. */
  private stale = false;
  /** The server knows nothing of our connection: only another one is of use to it. */
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

  /** Publishes all tracks of a stream; resolves with what the server says of it, which lacks what it did not accept. */
  publish(stream: MediaStream, options: PublicationOptions): Promise<StreamMetadata | undefined> {
    return this.offers.run(async () => {
      if (this.publications.has(stream.id))
        throw new CrosspointError('unsupported', 'This stream is published already');
      const early = !this.peer && !this.signaling.greeted;
      const peer = early ? await this.anchoredPeer() : await this.ensurePeer();
      const publication: Publication = { ...options, stream, transceivers: [] };
      this.publications.set(stream.id, publication);
      try {
        this.addTracks(peer, publication, stream.getTracks());
        const { streamMetadata } = await this.negotiate(peer);
        if (early) this.peer = peer;
        return streamMetadata?.[stream.id];
      } catch (error) {
        this.remove(stream.id);
        if (early) closePeer(peer);
        throw error;
      }
    });
  }

  /**
   * Sends the tracks that a published stream has now. One that takes the place of another of its kind, or comes after
   * it, needs no offer, and so does one that is gone; a further one does, and one that the server did not take before.
   *
   * @returns what the server says of the stream, if it was asked.
   */
  update(stream: MediaStream): Promise<StreamMetadata | undefined> {
    return this.offers.run(async () => {
      const { peer } = this;
      const publication = this.publications.get(stream.id);
      if (!peer || !publication) throw new CrosspointError('unsupported', 'This stream is not published');
      let further: MediaStreamTrack[] = [];
      try {
        further = await exchangeTracks(publication.transceivers, stream.getTracks());
        this.addTracks(peer, publication, further);
        if (publication.transceivers.every(isSettled)) return undefined;
        const { streamMetadata } = await this.negotiate(peer);
        return streamMetadata?.[stream.id];
      } catch (error) {
        // Of a closed connection all transceivers are stopped, and throw whatever they are told.
        if (this.closed) throw error instanceof CrosspointError ? error : disconnected();
        const sent = ({ sender }: RTCRtpTransceiver) => sender.track !== null && further.includes(sender.track);
        const refused = publication.transceivers.filter(sent);
        for (const transceiver of refused) transceiver.stop();
        publication.transceivers = publication.transceivers.filter((one) => !refused.includes(one));
        throw error;
      }
    });
  }

  /** Stops publishing these streams, with one offer for all. Ids that are not published are passed over. */
  unpublish(ids: string[]): Promise<void> {
    return this.offers.run(async () => {
      const removed = ids.filter((id) => this.remove(id));
      if (removed.length > 0 && this.peer) await this.negotiate(this.peer);
    });
  }

  /** Sends another track instead of `old`, without negotiating. */
  async replaceTrack(streamId: string, old: MediaStreamTrack, next: MediaStreamTrack): Promise<void> {
    const sender = this.senders(streamId).find(({ track }) => track === old);
    await sender?.replaceTrack(next);
  }

  /** Sends DTMF digits on the first audio track of each of these streams that has one; throws where none has. */
  sendDtmf(streamIds: string[], tones: string): void {
    const audio = streamIds.map((id) => this.senders(id).find(({ track }) => track?.kind === 'audio')?.dtmf);
    const able = audio.filter((dtmf) => dtmf?.canInsertDTMF);
    if (able.length === 0) throw new CrosspointError('unsupported', 'No such stream can carry DTMF');
    for (const dtmf of able) dtmf?.insertDTMF(tones);
  }

  /** Restarts ICE now, and every 5 s until media passes. Does nothing before the first publication. */
  restart(): void {
    clearTimeout(this.restartTimer);
    if (!this.peer || this.closed) return;
    this.stale = true;
    this.log.info(`${this.forgotten ? 'making' : 'restarting ICE on'} the publishing connection`);
    this.offers
      // An offer that was waiting for the server may have done it meanwhile.
      .run(async () => this.stale && this.peer && this.negotiate(this.peer))
      .then(() => this.restartLater(() => this.peer?.connectionState === 'failed'))
      .catch((error: unknown) => {
        this.log.warn(`the publishing connection failed: ${String(error)}`);
        this.restartLater(() => true);
      });
  }

  /**
   * The server has lost its side of the connection: publishes everything on another one. With new ICE credentials the
   * present one would do, but browsers go on with the path that they know, and with a DTLS handshake into the void on
   * it, for seconds after the server that proved it has gone.
   */
  startAnew(): void {
    this.forgotten = this.peer !== undefined;
    this.restart();
  }

  /** Statistics of the connection; nothing before the first publication. */
  async stats(): Promise<RTCStatsReport | undefined> {
    return this.peer?.getStats();
  }

  /** Closes the connection; nothing can be published afterwards. */
  close(): void {
    this.closed = true;
    clearTimeout(this.restartTimer);
    this.publications.clear();
    if (this.peer) closePeer(this.peer);
    this.peer = undefined;
  }

  // The server takes a first offer with nothing but the data channels: it is the BUNDLE anchor of all that follows.
  private async ensurePeer(): Promise<RTCPeerConnection> {
    if (this.peer) return this.peer;
    const peer = this.createPeer();
    try {
      await this.negotiate(peer);
    } catch (error) {
      closePeer(peer);
      throw error;
    }
    this.peer = peer;
    return peer;
  }

  // Who publishes while it connects saves that round trip: the first offer has the tracks too, and the data channels in
  // front all the same, because a description that is pending keeps its sections in the next one (RFC 8829 5.2.2).
  private async anchoredPeer(): Promise<RTCPeerConnection> {
    const peer = this.createPeer();
    await peer.setLocalDescription(await peer.createOffer());
    return peer;
  }

  private createPeer(): RTCPeerConnection {
    const peer = createPeer(this.browser, this.ice);
    peer.onconnectionstatechange = () => this.stateChanged(peer.connectionState);
    return peer;
  }

  // A connection on which nothing has been said, with everything that is published on this one, which is closed.
  private async successor(old: RTCPeerConnection): Promise<RTCPeerConnection> {
    const peer = await this.anchoredPeer();
    if (this.closed) {
      closePeer(peer);
      throw disconnected();
    }
    for (const publication of this.publications.values()) {
      const tracks = carriedTracks(publication);
      publication.transceivers = [];
      this.addTracks(peer, publication, tracks);
    }
    closePeer(old);
    return peer;
  }

  private addTracks(peer: RTCPeerConnection, publication: Publication, tracks: MediaStreamTrack[]): void {
    const { stream, codecPreferences } = publication;
    for (const track of tracks) {
      const transceiver = peer.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
      publication.transceivers.push(transceiver);
      const codecs = codecPreferences?.[track.kind as 'audio' | 'video'];
      if (codecs?.length) transceiver.setCodecPreferences(codecs);
    }
  }

  // The offer is applied only when the server has answered it. So one that is lost with its socket, or refused, leaves
  // no trace here, and a new one can simply be made.
  private async negotiate(peer: RTCPeerConnection): Promise<OfferResult> {
    for (;;) {
      await this.signaling.reachable();
      const anew = this.forgotten && peer === this.peer;
      if (anew) peer = this.peer = await this.successor(peer);
      const iceRestart = this.stale && !anew;
      const offer = await peer.createOffer({ iceRestart });
      const params = { sdpOffer: offer.sdp, mediaMetadata: this.metadata() };
      try {
        const result = await this.signaling.call<OfferResult>('offerSdp', params);
        // Now, not when the answer is applied: what the server loses until then, this offer has not repaired.
        if (iceRestart || anew) this.stale = false;
        if (anew) this.forgotten = false;
        await peer.setLocalDescription(offer);
        await peer.setRemoteDescription({ type: 'answer', sdp: result.sdpAnswer });
        if (this.closed) throw disconnected();
        return result;
      } catch (error) {
        this.stale ||= iceRestart || anew;
        this.forgotten ||= anew;
        if (!(error instanceof CrosspointError) || error.code !== 'connectionLost') throw error;
      }
    }
  }

  private metadata() {
    const mediaStreams = Object.fromEntries([...this.publications].map(([id, { alias }]) => [id, { alias }]));
    return { mediaStreams, dataChannels: kDataChannels };
  }

  private senders(streamId: string): RTCRtpSender[] {
    const transceivers = this.publications.get(streamId)?.transceivers ?? [];
    return transceivers.filter((one) => !isStopped(one)).map(({ sender }) => sender);
  }

  private remove(streamId: string): boolean {
    for (const transceiver of this.publications.get(streamId)?.transceivers ?? []) transceiver.stop();
    return this.publications.delete(streamId);
  }

  private stateChanged(state: RTCPeerConnectionState): void {
    this.log.info(`publishing connection ${state}`);
    if (state === 'failed') {
      if (!this.failing) this.emit('failed', undefined);
      this.failing = true;
      this.restart(); // also when it is the restart before that has failed, having been under way at the last look
    }
    if (state === 'connected') {
      clearTimeout(this.restartTimer);
      if (this.failing) this.emit('recovered', undefined);
      this.failing = false;
    }
  }

  private restartLater(stillNeeded: () => boolean): void {
    if (this.closed) return;
    clearTimeout(this.restartTimer);
    this.restartTimer = setTimeout(() => {
      if (stillNeeded()) this.restart();
    }, kRestartInterval);
  }
}
