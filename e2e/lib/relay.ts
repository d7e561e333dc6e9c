import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { DeliveryQueue } from './delivery_queue.js';
import { Impairment, type Conditions } from './impairment.js';

/**
 * A bad network between browsers and the server: browsers send to `port`, the server hears each of them from a socket
 * of its own. Both directions have their own conditions, which may be changed at any time.
 */
export class Relay {
  /** Browsers to server. */
  readonly up: Impairment;
  /** Server to browsers. */
  readonly down: Impairment;
  private readonly queue = new DeliveryQueue();
  private readonly upstreams = new Map<string, Socket>();

  private constructor(
    private readonly socket: Socket,
    private readonly serverPort: number,
    seed: number,
  ) {
    this.up = new Impairment(seed);
    this.down = new Impairment(seed + 1);
    socket.on('message', (packet, from) => this.fromBrowser(packet, from));
  }

  /** Listens on a free port of 127.0.0.1 and forwards to `serverPort` there. */
  static async start(serverPort: number, seed: number): Promise<Relay> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 21, sendBufferSize: 1 << 21 });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, '127.0.0.1', resolve);
    });
    return new Relay(socket, serverPort, seed);
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** What `media.announce` of the server must say. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Changes the named conditions in both directions; the others stay. */
  set(conditions: Partial<Conditions>): void {
    for (const direction of [this.up, this.down]) Object.assign(direction.conditions, conditions);
  }

  cut(): void {
    this.set({ cut: true });
  }

  mend(): void {
    this.set({ cut: false });
  }

  close(): void {
    this.queue.clear();
    this.socket.close();
    for (const upstream of this.upstreams.values()) upstream.close();
    this.upstreams.clear();
  }

  private fromBrowser(packet: Buffer, from: RemoteInfo): void {
    const upstream = this.upstreamOf(from);
    this.pass(this.up, packet, () => upstream.send(packet, this.serverPort, '127.0.0.1', ignoreError));
  }

  private upstreamOf(browser: RemoteInfo): Socket {
    const key = `${browser.address}:${browser.port}`;
    const known = this.upstreams.get(key);
    if (known) return known;
    const upstream = createSocket({ type: 'udp4', recvBufferSize: 1 << 21 });
    upstream.on('error', ignoreError);
    upstream.on('message', (packet) =>
      this.pass(this.down, packet, () => this.socket.send(packet, browser.port, browser.address, ignoreError)),
    );
    this.upstreams.set(key, upstream);
    return upstream;
  }

  private pass(direction: Impairment, packet: Buffer, send: () => void): void {
    const now = performance.now();
    const at = direction.schedule(now, packet.length);
    if (at === undefined) return;
    if (at <= now) send();
    else this.queue.add(at, send);
  }
}

// A datagram that cannot be sent (the server is down for a moment) is a lost one.
function ignoreError(): void {}
