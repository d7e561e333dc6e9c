import type { Browser } from './browser.js';
import { Emitter } from './emitter.js';
import { CrosspointError, type ErrorCode } from './errors.js';
import type { Log } from './log.js';
import type { Hello, Refused, RequestMethod, SdpOffer } from './protocol.js';
import { Rpc } from './rpc.js';
import { Socket } from './socket.js';

/** What {@link Signaling} reports. */
export interface SignalingEvents {
  sdpOffer: SdpOffer;
  /** This server knows nothing of our media connections, as after its restart. Said before anything else it says. */
  forgotten: void;
  /** The socket is lost; attempt number and the milliseconds until it starts. */
  reconnecting: { attempt: number; delay: number };
  /** The socket is back, to a server that has `forgotten` us or not. */
  reconnected: { forgotten: boolean };
  /** Over for good. */
  closed: CrosspointError;
}

interface Waiter {
  /** Whether it waits for the handshake to be sent, rather than answered. */
  early: boolean;
  resolve(): void;
  reject(error: CrosspointError): void;
}

const kCallTimeout = 15_000;
// More often than the protocol's 300 s, so that a connection that died silently is noticed.
const kPingInterval = 20_000;
const kPingTimeout = 10_000;
const kCloseTimeout = 1_000;

/** The device's side of protocol V3: one server, reached through sockets that come and go. */
export class Signaling extends Emitter<SignalingEvents> {
  /** The last `hello` of the server. */
  hello: Hello | undefined;

  private readonly socket: Socket;
  private readonly rpc: Rpc;
  private state: 'connecting' | 'ready' | 'reconnecting' | 'closed' = 'connecting';
  private end: CrosspointError | undefined;
  private refused: CrosspointError | undefined;
  private forgotten = false;
  /** The first handshake is sent on the present socket. */
  private greeting = false;
  private pingTimer: ReturnType<typeof setTimeout> | undefined;
  private waiters: Waiter[] = [];

  constructor(
    browser: Browser,
    url: string,
    private readonly log: Log,
  ) {
    super();
    this.socket = new Socket(browser, url);
    this.rpc = new Rpc(
      (text) => this.socket.send(text),
      (method, params) => this.notified(method, params),
    );
    this.socket.on('open', () => void this.shakeHands());
    this.socket.on('message', (text) => this.rpc.receive(text));
    this.socket.on('lost', (wait) => this.lost(wait));
    this.socket.on('ended', () => {
      this.finish(this.refused ?? new CrosspointError('closedByServer', 'The server closed the connection'));
    });
  }

  /** Connects for the first time; rejects when the server refuses, or after `timeout` milliseconds of trying. */
  async open(timeout: number): Promise<void> {
    const expire = () => this.abort(new CrosspointError('timeout', 'The server does not answer'));
    const timer = setTimeout(expire, timeout);
    try {
      this.socket.open();
    } catch (error) {
      // No address of a WebSocket, or `ws:` on a page of https.
      void this.abort(new CrosspointError('unsupported', `No socket to this address: ${String(error)}`));
    }
    try {
      await this.ready();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves as soon as the server can be asked; rejects once it never can be again. */
  ready(): Promise<void> {
    if (this.state === 'ready') return Promise.resolve();
    if (this.end) return Promise.reject(this.end);
    return this.wait(false);
  }

  /** Whether the server has answered the first handshake. */
  get greeted(): boolean {
    return this.state !== 'connecting';
  }

  /**
   * Resolves as soon as messages can be sent behind the handshake, which saves waiting for its answer on the first
   * socket. Otherwise as {@link ready}.
   */
  reachable(): Promise<void> {
    if (this.end || this.greeted) return this.ready();
    return this.greeting ? Promise.resolve() : this.wait(true);
  }

  /** Calls a method; see {@link Rpc.call}. A lost socket rejects with `connectionLost`: the caller knows what to redo. */
  call<Result>(method: RequestMethod, params: object, timeout = kCallTimeout): Promise<Result> {
    if (this.end) return Promise.reject(this.end);
    return this.rpc.call(method, params, timeout) as Promise<Result>;
  }

  /** Says goodbye in the protocol's order (leave, diagnostics, close 1000) and resolves when the server has answered. */
  async disconnect(): Promise<void> {
    if (this.end) return;
    this.rpc.notify('leave', {});
    this.rpc.notify('deviceDiagnostics', { logs: this.log.drain() });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, kCloseTimeout)));
    const closed = this.abort(new CrosspointError('disconnected', 'Disconnected'));
    await Promise.race([closed, patience]);
    clearTimeout(timer);
  }

  private abort(error: CrosspointError): Promise<void> {
    const closed = this.socket.close();
    this.finish(error);
    return closed;
  }

  // The protocol wants this once for each device. On a later socket the answer proves that somebody is there, and a
  // server that has forgotten this device would otherwise wait to see whether it still says anything.
  private async shakeHands(): Promise<void> {
    const first = this.state === 'connecting';
    try {
      const answer = this.call('setMediaPreferences', { protocol: 'WEBRTC' }, kPingTimeout);
      this.greeting = first;
      if (first) this.release(({ early }) => early);
      await answer;
    } catch (error) {
      // An error is an answer too, though on the first socket one that cannot be worked with.
      if (!(error instanceof CrosspointError) || error.code !== 'rejected') return this.socket.drop();
      if (first) return void this.abort(error);
    }
    this.becomeReady(first);
  }

  private becomeReady(first: boolean): void {
    if (this.state === 'ready' || this.end) return;
    this.state = 'ready';
    this.socket.settle();
    this.pingTimer = setTimeout(() => void this.ping(), kPingInterval);
    if (!first) {
      this.log.info(`reconnected${this.forgotten ? ' to a server that has forgotten us' : ''}`);
      this.emit('reconnected', { forgotten: this.forgotten });
    }
    this.forgotten = false;
    this.release(() => true);
  }

  private wait(early: boolean): Promise<void> {
    return new Promise((resolve, reject) => this.waiters.push({ early, resolve, reject }));
  }

  private release(whom: (waiter: Waiter) => boolean): void {
    const released = this.waiters.filter(whom);
    this.waiters = this.waiters.filter((waiter) => !released.includes(waiter));
    for (const waiter of released) waiter.resolve();
  }

  private async ping(): Promise<void> {
    try {
      await this.call('ping', {}, kPingTimeout);
    } catch (error) {
      if (error instanceof CrosspointError && error.code === 'timeout') return this.socket.drop();
    }
    if (this.state === 'ready') this.pingTimer = setTimeout(() => void this.ping(), kPingInterval);
  }

  private lost(wait: { attempt: number; delay: number }): void {
    clearTimeout(this.pingTimer);
    this.greeting = false;
    if (this.state === 'ready') this.state = 'reconnecting';
    this.log.info(`socket lost, attempt ${wait.attempt} in ${wait.delay} ms`);
    this.rpc.rejectAll(new CrosspointError('connectionLost', 'The connection was lost'));
    if (this.state === 'reconnecting') this.emit('reconnecting', { attempt: wait.attempt, delay: wait.delay });
  }

  private notified(method: string, params: unknown): void {
    if (typeof params !== 'object' || params === null) return;
    if (method === 'sdpOffer') this.emit('sdpOffer', params as SdpOffer);
    else if (method === 'hello') this.greet(params as Hello);
    else if (method === 'refused') this.refused = refusal(params as Refused);
  }

  private greet(hello: Hello): void {
    const forgotten = this.hello !== undefined && (this.hello.instance !== hello.instance || !hello.resumed);
    this.hello = hello;
    if (!forgotten) return;
    this.forgotten = true;
    this.emit('forgotten', undefined);
  }

  private finish(error: CrosspointError): void {
    if (this.end) return;
    this.end = error;
    this.state = 'closed';
    clearTimeout(this.pingTimer);
    this.rpc.rejectAll(error);
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
    this.emit('closed', error);
  }
}

// The codes are the server's; one that a later server invents is passed on as it came.
function refusal({ code, message }: Refused): CrosspointError {
  return new CrosspointError(code as ErrorCode, message);
}
