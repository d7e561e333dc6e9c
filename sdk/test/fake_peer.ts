import { FakeStream, FakeTrack } from './fake_media.js';

/** A data channel whose other end is the test. */
export class FakeChannel {
  readyState = 'open';
  sent: string[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor(
    readonly label: string,
    readonly options: RTCDataChannelInit,
  ) {}

  send(text: string): void {
    this.sent.push(text);
  }
}

class FakeSender {
  stopped = false;
  tones: string[] = [];
  track: FakeTrack | null;
  readonly dtmf: { canInsertDTMF: boolean; insertDTMF: (tones: string) => void } | null;

  constructor(readonly first: FakeTrack) {
    this.track = first;
    this.dtmf =
      first.kind === 'audio' ? { canInsertDTMF: true, insertDTMF: (tones) => void this.tones.push(tones) } : null;
  }

  async replaceTrack(track: FakeTrack | null): Promise<void> {
    if (this.stopped) throw new DOMException('The transceiver is stopped', 'InvalidStateError');
    this.track = track;
  }
}

class FakeTransceiver {
  stopped = false;
  codecs: RTCRtpCodec[] = [];
  currentDirection: string | null = null;
  readonly receiver: { track: FakeTrack };

  constructor(
    private readonly peer: FakePeer,
    readonly sender: FakeSender,
    readonly init: { direction: string; streams: FakeStream[] },
  ) {
    this.receiver = { track: new FakeTrack(sender.first.kind, `of ${sender.first.id}`) };
  }

  stop(): void {
    this.peer.assertOpen();
    this.stopped = this.sender.stopped = true;
  }

  /** Is stopped by a description, or with its connection. */
  end(): void {
    this.stopped = this.sender.stopped = true;
    this.currentDirection = 'stopped';
  }

  setCodecPreferences(codecs: RTCRtpCodec[]): void {
    if (codecs.some(({ mimeType }) => mimeType.endsWith('/unknown'))) throw new Error('unknown codec');
    this.codecs = codecs;
  }
}

interface Section {
  kind: 'audio' | 'video';
  live: boolean;
  streamId: string;
  trackId: string;
}

// Reads as much of an offer as decides about tracks: one line `m=`, with msid and direction below it.
function sections(sdp: string): Section[] {
  return sdp
    .split(/^(?=m=)/m)
    .filter((part) => /^m=(audio|video)/.test(part))
    .map((part) => {
      const [, streamId = '', trackId = ''] = /a=msid:(\S+) (\S+)/.exec(part) ?? [];
      return { kind: part.startsWith('m=audio') ? 'audio' : 'video', live: /a=sendonly/.test(part), streamId, trackId };
    });
}

/** A peer connection that follows the order of descriptions and makes tracks of what it is offered, as browsers do. */
export class FakePeer {
  connectionState: RTCPeerConnectionState = 'new';
  closed = false;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: { streams: FakeStream[]; track: FakeTrack }) => void) | null = null;
  channels: FakeChannel[] = [];
  transceivers: FakeTransceiver[] = [];
  applied: string[] = [];
  remoteDescriptions: string[] = [];
  /** Makes the next remote description fail. */
  refuseRemote = false;
  remoteLevel = 0;
  private credentials = 1;
  private pendingCredentials = 1;
  private received: { section: Section; stream: FakeStream; track: FakeTrack }[] = [];
  private readonly streams = new Map<string, FakeStream>();

  constructor(readonly configuration: RTCConfiguration) {}

  createDataChannel(label: string, options: RTCDataChannelInit): FakeChannel {
    const channel = new FakeChannel(label, options);
    this.channels.push(channel);
    return channel;
  }

  addTransceiver(track: FakeTrack, init: { direction: string; streams: FakeStream[] }): FakeTransceiver {
    const transceiver = new FakeTransceiver(this, new FakeSender(track), init);
    this.transceivers.push(transceiver);
    return transceiver;
  }

  async createOffer({ iceRestart }: RTCOfferOptions = {}): Promise<RTCSessionDescriptionInit> {
    this.pendingCredentials = this.credentials + (iceRestart ? 1 : 0);
    const media = this.transceivers
      .filter(({ stopped }) => !stopped)
      .map(({ sender: { first }, init }) => `m=${first.kind}\r\na=msid:${init.streams[0]?.id} ${first.id}\r\n`);
    return { type: 'offer', sdp: `m=application\r\na=ice-ufrag:u${this.pendingCredentials}\r\n${media.join('')}` };
  }

  async createAnswer(): Promise<RTCSessionDescriptionInit> {
    const role = /a=setup:active/.test(this.remoteDescriptions.at(-1) ?? '') ? 'passive' : 'active';
    return { type: 'answer', sdp: `a=setup:${role}\r\n` };
  }

  async setLocalDescription({ type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
    this.assertOpen();
    this.credentials = this.pendingCredentials;
    this.applied.push(`local ${type}`);
    if (type === 'answer') this.applied.push(sdp.trim());
  }

  async setRemoteDescription({ type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
    this.assertOpen();
    if (this.refuseRemote) throw new Error('order of m-lines');
    this.applied.push(`remote ${type}`);
    this.remoteDescriptions.push(sdp);
    if (type === 'offer') this.takeTracks(sections(sdp));
    else this.direct(sdp);
  }

  getReceivers(): { track: FakeTrack; getStats: () => Promise<Map<string, object>> }[] {
    const entry = () => ({ type: 'inbound-rtp', kind: 'audio', audioLevel: this.remoteLevel });
    return this.received.map(({ track }) => ({ track, getStats: async () => new Map([['in', entry()]]) }));
  }

  async getStats(): Promise<Map<string, object>> {
    return new Map();
  }

  close(): void {
    this.closed = true;
    this.connectionState = 'closed';
    for (const transceiver of this.transceivers) transceiver.end();
  }

  /** Throws as the browser does at what is asked of a closed connection. */
  assertOpen(): void {
    if (this.closed) throw new DOMException('The connection is closed', 'InvalidStateError');
  }

  /** Changes the state as the browser does when ICE and DTLS do. */
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  private takeTracks(wanted: Section[]): void {
    const known = (one: Section) => this.received.find(({ section }) => section.trackId === one.trackId);
    const live = wanted.filter((one) => one.live);
    for (const { section, stream, track } of this.received) {
      if (!live.some((one) => one.trackId === section.trackId)) stream.removeTrack(track);
    }
    this.received = this.received.filter(({ section }) => live.some((one) => one.trackId === section.trackId));
    for (const section of live.filter((one) => !known(one))) {
      const stream = this.streams.get(section.streamId) ?? new FakeStream(section.streamId);
      const track = new FakeTrack(section.kind, section.trackId);
      this.streams.set(section.streamId, stream);
      stream.addTrack(track);
      this.received.push({ section, stream, track });
      this.ontrack?.({ streams: [stream], track });
    }
  }

  // An answer names the kinds that it does not take, `inactive:audio`, and those that it cannot, `rejected:video`.
  private direct(answer: string): void {
    for (const transceiver of this.transceivers.filter(({ stopped }) => !stopped)) {
      const { kind } = transceiver.sender.first;
      transceiver.currentDirection = answer.includes(`inactive:${kind}`) ? 'inactive' : transceiver.init.direction;
      if (answer.includes(`rejected:${kind}`)) transceiver.end();
    }
  }
}
