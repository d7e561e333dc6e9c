import { peerConnections } from './peer_connections';

/** One peer connection, as its transport sees it. */
export interface TransportReport {
  state: RTCPeerConnectionState;
  srtpCipher?: string;
  dtlsState?: string;
  bytesSent: number;
  bytesReceived: number;
  /** Of the nominated pair, in seconds. */
  roundTripTime?: number;
  /** The channel on which the server says PING; absent before the SDK has made it. */
  heartbeat?: { state: string; received: number; sent: number };
}

/** A received video track. Counters are since its first packet. */
export interface VideoReport {
  framesDecoded: number;
  framesDropped: number;
  framesPerSecond: number;
  width: number;
  height: number;
  freezeCount: number;
  totalFreezesSeconds: number;
  codec: string;
  packetsLost: number;
  nackCount: number;
  /** Unix time in ms; 0 before the first packet. */
  lastPacketAt: number;
}

/** A received audio track. */
export interface AudioReport {
  totalSamples: number;
  concealedSamples: number;
  silentConcealedSamples: number;
  energy: number;
  codec: string;
  packetsLost: number;
  lastPacketAt: number;
}

export interface SentVideoReport {
  framesEncoded: number;
  bytesSent: number;
  targetBitrate: number;
  width: number;
  height: number;
  codec: string;
  pliCount: number;
}

export interface MediaReport {
  /** Unix time in ms. */
  at: number;
  /** The last connection that sends; absent before the first publish(). */
  publishing?: TransportReport;
  /** The last connection that was offered to; absent before the first offer of the server. */
  subscribing?: TransportReport;
  sentVideo: SentVideoReport[];
  /** By id of the remote stream. */
  video: Record<string, VideoReport>;
  audio: Record<string, AudioReport>;
}

type Row = Record<string, any>;

export async function mediaReport(remoteStreams: ReadonlyMap<string, MediaStream>): Promise<MediaReport> {
  const report: MediaReport = { at: Date.now(), sentVideo: [], video: {}, audio: {} };
  const streamOfTrack = new Map<string, string>();
  for (const [id, stream] of remoteStreams) for (const track of stream.getTracks()) streamOfTrack.set(track.id, id);

  for (const connection of peerConnections) {
    if (connection.connectionState === 'closed') continue;
    const rows = new Map<string, Row>();
    (await connection.getStats()).forEach((row: Row) => rows.set(row.id, row));
    const transport = transportReport(connection, [...rows.values()]);
    if (offersByItself(connection)) report.publishing = transport;
    else report.subscribing = transport;
    for (const row of rows.values()) {
      const codec = String(rows.get(row.codecId)?.mimeType ?? '');
      const stream = streamOfTrack.get(row.trackIdentifier);
      if (row.type === 'outbound-rtp' && row.kind === 'video') report.sentVideo.push(sentVideoReport(row, codec));
      if (row.type !== 'inbound-rtp' || stream === undefined) continue;
      if (row.kind === 'video') report.video[stream] = videoReport(row, codec);
      else report.audio[stream] = audioReport(row, codec);
    }
  }
  return report;
}

/** Whether this is the publishing connection: on the subscribing one the server is the one who offers. */
function offersByItself(connection: RTCPeerConnection): boolean {
  return connection.currentLocalDescription?.type === 'offer' || connection.pendingLocalDescription?.type === 'offer';
}

function transportReport(connection: RTCPeerConnection, rows: Row[]): TransportReport {
  const transport = rows.find((row) => row.type === 'transport') ?? {};
  const pair = rows.find((row) => row.id === transport.selectedCandidatePairId);
  const heartbeat = rows.find((row) => row.type === 'data-channel' && row.label === '__heartbeat__');
  return {
    state: connection.connectionState,
    srtpCipher: transport.srtpCipher,
    dtlsState: transport.dtlsState,
    bytesSent: transport.bytesSent ?? 0,
    bytesReceived: transport.bytesReceived ?? 0,
    roundTripTime: pair?.currentRoundTripTime,
    heartbeat: heartbeat && {
      state: heartbeat.state,
      received: heartbeat.messagesReceived,
      sent: heartbeat.messagesSent,
    },
  };
}

function sentVideoReport(row: Row, codec: string): SentVideoReport {
  return {
    framesEncoded: row.framesEncoded ?? 0,
    bytesSent: row.bytesSent ?? 0,
    targetBitrate: row.targetBitrate ?? 0,
    width: row.frameWidth ?? 0,
    height: row.frameHeight ?? 0,
    codec,
    pliCount: row.pliCount ?? 0,
  };
}

function videoReport(row: Row, codec: string): VideoReport {
  return {
    framesDecoded: row.framesDecoded ?? 0,
    framesDropped: row.framesDropped ?? 0,
    framesPerSecond: row.framesPerSecond ?? 0,
    width: row.frameWidth ?? 0,
    height: row.frameHeight ?? 0,
    freezeCount: row.freezeCount ?? 0,
    totalFreezesSeconds: row.totalFreezesDuration ?? 0,
    codec,
    packetsLost: row.packetsLost ?? 0,
    nackCount: row.nackCount ?? 0,
    lastPacketAt: row.lastPacketReceivedTimestamp ?? 0,
  };
}

function audioReport(row: Row, codec: string): AudioReport {
  return {
    totalSamples: row.totalSamplesReceived ?? 0,
    concealedSamples: row.concealedSamples ?? 0,
    silentConcealedSamples: row.silentConcealedSamples ?? 0,
    energy: row.totalAudioEnergy ?? 0,
    codec,
    packetsLost: row.packetsLost ?? 0,
    lastPacketAt: row.lastPacketReceivedTimestamp ?? 0,
  };
}
