import type { Browser } from './browser.js';
import type { Emitter } from './emitter.js';
import type { CrosspointError } from './errors.js';
import type { Log } from './log.js';
import type { IceOptions } from './peer.js';
import { Publisher } from './publisher.js';
import { Signaling } from './signaling.js';
import { Subscriber, type Subscription } from './subscriber.js';

/** Which of a device's two media connections: the one it publishes on, or the one it receives on. */
export type MediaConnection = 'publishing' | 'subscribing';

/** What a {@link Connection} reports. */
export interface ConnectionEvents {
  /** The server is not reachable; attempt number `attempt` (from 1) starts in `delay` milliseconds. Media may go on. */
  reconnecting: { attempt: number; delay: number };
  /** The server is reachable again. `restarted`: it has lost its media connections, which are being made anew. */
  reconnected: { restarted: boolean };
  /** No media passes on this connection. It is being repaired: `recovered` follows unless the network stays away. */
  failed: { connection: MediaConnection };
  /** Media passes again. */
  recovered: { connection: MediaConnection };
  /** The connection is over for good; the error's code says why. */
  closed: CrosspointError;
}

/** Events that the connection makes of its subscriptions; the client turns them into streams. */
export interface SubscriptionEvents {
  available: Subscription;
  changed: Subscription;
  unavailable: Subscription;
}

/** Address of the device socket. */
export function deviceUrl(websocketUrl: string, token: string, uniqueId: string): string {
  const query = new URLSearchParams({ token, client: 'crosspoint', sdkVersion: __SDK_VERSION__, uniqueId });
  return `${websocketUrl.replace(/\/+$/, '')}/v3/?${query}`;
}

/** One device at one server, from `connect()` to `closed`: its signaling and its two media connections. */
export class Connection {
  readonly signaling: Signaling;
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  private readonly offPageHide: () => void;

  constructor(
    browser: Browser,
    url: string,
    ice: IceOptions,
    log: Log,
    private readonly events: Emitter<ConnectionEvents & SubscriptionEvents>,
  ) {
    this.signaling = new Signaling(browser, url, log);
    this.publisher = new Publisher(browser, this.signaling, ice, log);
    this.subscriber = new Subscriber(browser, this.signaling, ice, log);
    this.offPageHide = browser.onPageHide(() => void this.signaling.disconnect());
    this.watchSignaling();
    this.watchMedia();
  }

  private watchSignaling(): void {
    this.signaling.on('sdpOffer', (offer) => void this.subscriber.handleOffer(offer));
    this.signaling.on('forgotten', () => {
      // Not waiting for ICE to notice by itself saves half a minute of silence.
      this.publisher.startAnew();
      this.subscriber.startAnew();
    });
    this.signaling.on('reconnecting', (wait) => this.events.emit('reconnecting', wait));
    this.signaling.on('reconnected', ({ forgotten }) => this.events.emit('reconnected', { restarted: forgotten }));
    this.signaling.on('closed', (error) => {
      this.offPageHide();
      this.publisher.close();
      this.subscriber.close();
      this.events.emit('closed', error);
    });
  }

  private watchMedia(): void {
    this.publisher.on('failed', () => this.events.emit('failed', { connection: 'publishing' }));
    this.publisher.on('recovered', () => this.events.emit('recovered', { connection: 'publishing' }));
    this.subscriber.on('failed', () => this.events.emit('failed', { connection: 'subscribing' }));
    this.subscriber.on('recovered', () => this.events.emit('recovered', { connection: 'subscribing' }));
    this.subscriber.on('available', (subscription) => this.events.emit('available', subscription));
    this.subscriber.on('changed', (subscription) => this.events.emit('changed', subscription));
    this.subscriber.on('unavailable', (subscription) => this.events.emit('unavailable', subscription));
  }
}
