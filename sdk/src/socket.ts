import type { Browser } from './browser.js';
import { Emitter } from './emitter.js';

/** What a {@link Socket} reports. */
export interface SocketEvents {
  open: void;
  /** One text frame. */
  message: string;
  /** The connection is gone, or could not be made; the next attempt starts in `delay` milliseconds. */
  lost: { attempt: number; delay: number; code: number };
  /** The server closed with a final code: there will be no further attempt. */
  ended: { code: number };
}

/** What a {@link Socket} does about its losses. */
export interface SocketPolicy {
  /** WebSocket subprotocol to ask for. */
  protocol?: string;
  /** Milliseconds before attempt `attempt` (from 1), `random` being 0 up to 1 and `code` the last close code. */
  delay(attempt: number, random: number, code: number): number;
  /** Whether there is to be no further attempt after this close code. */
  final(code: number): boolean;
}

const kFirstDelay = 250;
const kLongestDelay = 5_000;
const kJitter = 0.25;
// A TCP connection into nowhere would otherwise keep the browser trying for minutes.
const kOpenTimeout = 10_000;
const kNormalClosure = 1000;
// Any code but 1000, which would tell the server that we are gone for good.
const kAbandoned = 4000;

/** Milliseconds to wait before reconnecting attempt `attempt` (from 1): 250, 500, 1000 … 5000, and up to a quarter more. */
export function backOff(attempt: number, random: number): number {
  const delay = Math.min(kFirstDelay * 2 ** (attempt - 1), kLongestDelay);
  return Math.round(delay * (1 + kJitter * random));
}

const kDevicePolicy: SocketPolicy = { delay: backOff, final: (code) => code === kNormalClosure };

/** A WebSocket that comes back: it reconnects to the same address for ever, until one side closes for good. */
export class Socket extends Emitter<SocketEvents> {
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private finished = false;
  private readonly offOnline: () => void;

  constructor(
    private readonly browser: Browser,
    private readonly url: string,
    private readonly policy: SocketPolicy = kDevicePolicy,
  ) {
    super();
    // The network is back: waiting any longer helps nobody.
    this.offOnline = browser.onOnline(() => this.hurry());
  }

  /** Makes the first attempt. */
  open(): void {
    const socket = this.browser.createSocket(this.url, this.policy.protocol);
    this.socket = socket;
    this.timer = setTimeout(() => this.drop(), kOpenTimeout);
    socket.onopen = () => {
      clearTimeout(this.timer);
      this.emit('open', undefined);
    };
    socket.onmessage = ({ data }: MessageEvent) => {
      if (typeof data === 'string') this.emit('message', data);
    };
    socket.onclose = ({ code }: CloseEvent) => this.gone(code);
  }

  /** Sends a text frame; returns false when there is no open connection. */
  send(text: string): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(text);
    return true;
  }

  /** The peer has proved to be alive: the next loss starts with the shortest delay again. */
  settle(): void {
    this.attempt = 0;
  }

  /** Gives up a connection that is open in name only, and reconnects. */
  drop(code = kAbandoned): void {
    if (this.finished || !this.socket) return;
    this.abandon(code);
    this.gone(code);
  }

  /** Closes with code 1000 and never reconnects; resolves when the closing handshake is over. */
  close(): Promise<void> {
    const socket = this.socket;
    this.finish();
    if (!socket || socket.readyState > 1) return Promise.resolve();
    return new Promise((resolve) => {
      socket.onopen = socket.onmessage = null;
      socket.onclose = () => resolve();
      socket.close(kNormalClosure);
    });
  }

  private gone(code: number): void {
    clearTimeout(this.timer);
    this.socket = undefined;
    if (this.finished) return;
    if (this.policy.final(code)) {
      this.finish();
      this.emit('ended', { code });
      return;
    }
    this.attempt += 1;
    const delay = this.policy.delay(this.attempt, this.browser.random(), code);
    this.timer = setTimeout(() => this.open(), delay);
    this.emit('lost', { attempt: this.attempt, delay, code });
  }

  private hurry(): void {
    if (this.finished || this.socket || this.attempt === 0) return;
    clearTimeout(this.timer);
    this.open();
  }

  private abandon(code: number): void {
    const socket = this.socket;
    this.socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }

  private finish(): void {
    this.finished = true;
    clearTimeout(this.timer);
    this.offOnline();
  }
}
