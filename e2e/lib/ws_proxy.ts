import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { DeliveryQueue } from './delivery_queue.js';

/**
 * A TCP way to the server that can be cut: what is open breaks off, what comes anew is refused, until it is mended. It
 * can be long as well: then making a connection takes a round trip, as it does where the listener is far away.
 */
export class WsProxy {
  private readonly open = new Set<Socket>();
  private isCut = false;
  /** Milliseconds that everything takes in each direction. */
  delay = 0;
  /** Connections accepted while it was not cut. */
  accepted = 0;
  /** Connections turned away while it was cut. */
  refused = 0;

  private constructor(
    private readonly listener: Server,
    private readonly serverPort: number,
  ) {
    listener.on('connection', (client) => this.accept(client));
  }

  static async start(serverPort: number): Promise<WsProxy> {
    const listener = createServer();
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, '127.0.0.1', resolve);
    });
    return new WsProxy(listener, serverPort);
  }

  get websocketUrl(): string {
    return `ws://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.open) socket.resetAndDestroy();
  }

  mend(): void {
    this.isCut = false;
  }

  close(): void {
    this.cut();
    this.listener.close();
  }

  private accept(client: Socket): void {
    if (this.isCut) {
      this.refused += 1;
      client.resetAndDestroy();
      return;
    }
    this.accepted += 1;
    const server = connect(this.serverPort, '127.0.0.1');
    // The browser's handshake ends here, at once: what it says first waits until it would have ended over there.
    const early = this.delay > 0 ? performance.now() + 2 * this.delay : 0;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.open.add(socket);
      const queue = new DeliveryQueue();
      const later = (what: () => void) => {
        const now = performance.now();
        const at = Math.max(now, socket === client ? early : 0) + this.delay;
        if (at <= now) what();
        else queue.add(at, what);
      };
      socket.on('data', (bytes) => later(() => other.write(bytes)));
      socket.on('end', () => later(() => other.end()));
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.open.delete(socket);
        later(() => other.destroy());
      });
    }
  }
}
