import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { until } from './until.js';

export interface RpcResponse {
  jsonrpc?: string;
  id?: unknown;
  result?: any;
  error?: { code: number; message: string };
}

export interface SdpOffer {
  sdpOffer: string;
  sdpRevision: number;
  endpointId: string;
  streamMetadata: Record<string, { endpointId: string; mediaTypes: string[]; alias?: string; participantId: string }>;
}

/** A device that speaks protocol V3 frame by frame, to say what no SDK would. It has no media. */
export class RawDevice {
  readonly frames: any[] = [];
  readonly offers: SdpOffer[] = [];
  binaryFrames = 0;
  closeCode?: number;
  private lastId = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.binaryFrames += 1;
      else this.receive(JSON.parse(String(data)));
    });
    socket.on('close', (code) => (this.closeCode = code));
    socket.on('error', () => {});
  }

  /** Opens the socket as the browser SDK does; it may be closed again at once. */
  static async open(
    websocketUrl: string,
    token: string,
    { uniqueId = randomUUID() as string, path = '/v3/' } = {},
  ): Promise<RawDevice> {
    const query = `token=${token}&client=browser&sdkVersion=0.0.1&uniqueId=${uniqueId}`;
    const device = new RawDevice(new WebSocket(`${websocketUrl}${path}?${query}`));
    await until('the upgrade', 10, () => device.socket.readyState !== WebSocket.CONNECTING, 5);
    return device;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** A request; resolves with the whole response, error or not. `id` may have any type. */
  async request(method: string, params: unknown, id: unknown = (this.lastId += 1)): Promise<RpcResponse> {
    const seen = this.frames.length;
    this.send({ jsonrpc: '2.0', method, params, id });
    return until(`the response to ${method}`, 10, () => this.frames.slice(seen).find((frame) => frame.id === id), 5);
  }

  notify(method: string, params: unknown = null): void {
    this.send({ jsonrpc: '2.0', method, params });
  }

  prefer(): Promise<RpcResponse> {
    return this.request('setMediaPreferences', { protocol: 'WEBRTC' });
  }

  /** The code that the server closed with. */
  async closed(seconds = 10): Promise<number> {
    await until('the socket is closed', seconds, () => this.closeCode !== undefined, 5);
    return this.closeCode!;
  }

  close(code = 1000): void {
    this.socket.close(code);
  }

  /** Breaks off without a closing handshake. */
  vanish(): void {
    this.socket.terminate();
  }

  private receive(frame: any): void {
    this.frames.push(frame);
    if (frame.method === 'sdpOffer') this.offers.push(frame.params);
  }
}

const DATA_CHANNELS = {
  __heartbeat__: { label: '__heartbeat__', streamId: 0 },
  __diagnostics__: { label: '__diagnostics__', streamId: 1 },
};

/** Params of an offerSdp for a connection that carries data channels only, as the SDK's first one is. */
export function dataOnlyOffer(): object {
  const fingerprint = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(':');
  const sdpOffer = [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${randomUUID().slice(0, 4)}`,
    `a=ice-pwd:${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ].join('\r\n');
  return { sdpOffer, mediaMetadata: { mediaStreams: {}, dataChannels: DATA_CHANNELS } };
}
