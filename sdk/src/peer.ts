import type { Browser } from './browser.js';

/** ICE settings that the application may give. */
export interface IceOptions {
  /** STUN and TURN servers; none by default, since the server itself is reachable. */
  iceServers?: RTCIceServer[];
  /** `relay` forces everything through TURN. */
  iceTransportPolicy?: RTCIceTransportPolicy;
}

/** The two channels that both sides create themselves, as the offers' metadata describe them. */
export const kDataChannels = {
  __heartbeat__: { label: '__heartbeat__', streamId: 0 },
  __diagnostics__: { label: '__diagnostics__', streamId: 1 },
};

/** Creates a peer connection as the protocol wants it: everything in one bundle, and the two channels in place. */
export function createPeer(browser: Browser, ice: IceOptions): RTCPeerConnection {
  const peer = browser.createPeerConnection({
    iceServers: ice.iceServers ?? [],
    iceTransportPolicy: ice.iceTransportPolicy ?? 'all',
    bundlePolicy: 'max-bundle',
    rtcpMuxPolicy: 'require',
  });
  for (const { label, streamId } of Object.values(kDataChannels)) {
    const channel = peer.createDataChannel(label, { negotiated: true, id: streamId, protocol: 'udp' });
    if (label !== kDataChannels.__heartbeat__.label) continue;
    channel.onmessage = ({ data }: MessageEvent) => {
      if (data === 'PING' && channel.readyState === 'open') channel.send('PONG');
    };
  }
  return peer;
}

/** Closes a peer connection and lets go of it. */
export function closePeer(peer: RTCPeerConnection): void {
  peer.onconnectionstatechange = peer.ontrack = null;
  peer.close();
}

/** Sound level in a statistics report, from 0 to 1; 0 when it says none. */
export function reportedLevel(report: RTCStatsReport): number {
  let level = 0;
  report.forEach((entry: { type: string; kind?: string; audioLevel?: number }) => {
    if (entry.type === 'inbound-rtp' && entry.kind === 'audio') level = entry.audioLevel ?? 0;
  });
  return level;
}
