import type { Browser } from '../browser.js';
import { Emitter } from '../emitter.js';
import { Socket } from '../socket.js';
import type { CommandType } from './commands.js';
import { JsapiError } from './errors.js';
import { kCloseCode, Link, type Arrived, type LinkEffect, type LinkOptions, type ServerMessage } from './link.js';
import { Memory } from './memory.js';
import type { ClientBodies, ClientResults, SyncDone, Welcome } from './messages.js';

/** What a {@link Transport} reports. */
export interface TransportEvents {
  /** A message of the server; `live` unless it belongs to a replay or a snapshot (RCV-6). */
  message: { message: ServerMessage; live: boolean };
  welcome: { welcome: Welcome; how: Arrived };
  /** Everything has been told that was missed; commands can be given. */
  synced: { how: Arrived; done: SyncDone };
  /** The server is not reachable; it is being tried again. */
  lost: { code: number };
  /** Over for good; without a refusal, the close code says why. */
  ended: { code: number; refusal?: JsapiError };
  /** The token provider has failed. */
  tokenFailed: unknown;
}

/** What a {@link Transport} is made for. */
export interface TransportOptions extends Omit<LinkOptions, 'renewable' | 'resume'> {
  url: string;
  tokenProvider?: () => Promise<string>;
}

type Later = Exclude<LinkEffect, { kind: 'send' }>;

interface Waiter {
  resolve(result: object): void;
  reject(error: JsapiError): void;
}

/** A command under way. */
export interface Request<Type extends CommandType> {
  ticket: number;
  answer: Promise<ClientResults[Type]>;
}

const kProtocol = 'jsapi.v1';
const kFirstDelay = 500;
const kLongestDelay = 30_000;

/** Milliseconds before reconnecting attempt `attempt` (from 1): at once, then 500 ms doubling to 30 s ± 50 % (CON-5). */
export function reconnectDelay(attempt: number, random: number, code: number): number {
  // All clients of a server that restarts would come at the same moment.
  if (attempt === 1) return code === kCloseCode.restart ? Math.round(kFirstDelay * random) : 0;
  return Math.round(Math.min(kFirstDelay * 2 ** (attempt - 2), kLongestDelay) * (0.5 + random));
}

/** Runs a {@link Link} on a WebSocket: the only part of JSAPI that has a socket, a clock and timers. */
export class Transport extends Emitter<TransportEvents> {
  private readonly link: Link;
  private readonly socket: Socket;
  private readonly waiting = new Map<number, Waiter>();
  private readonly effects: Later[] = [];
  private performing = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private renewing = false;
  private over = false;

  constructor(
    private readonly browser: Browser,
    private readonly options: TransportOptions,
    private readonly memory: Memory,
  ) {
    super();
    const { resume, since, kept } = memory.load();
    this.link = new Link({
      ...options,
      since: options.since ?? since,
      renewable: options.tokenProvider !== undefined,
      resume,
    });
    this.socket = new Socket(browser, options.url, {
      protocol: kProtocol,
      delay: reconnectDelay,
      final: (code) => this.link.isFinal(code),
    });
    this.socket.on('open', () => this.run((now, out) => this.link.handleOpen(now, out)));
    this.socket.on('message', (text) => this.run((now, out) => this.link.handleText(now, text, out)));
    this.socket.on('lost', ({ code }) => {
      this.run((_, out) => this.link.handleLost(code, out));
      this.emit('lost', { code });
    });
    this.socket.on('ended', ({ code }) => this.finish({ code, refusal: this.link.refusal }));
    for (const { type, body } of kept) this.request(type, body).answer.catch(() => undefined);
  }

  /** The last welcome. */
  get welcome(): Welcome | undefined {
    return this.link.welcome;
  }

  /** The token that the connection has now, and for how long. */
  get credentials(): { token: string; expiresInMs: number } {
    return { token: this.link.credentials, expiresInMs: this.link.tokenLife(this.browser.now()) };
  }

  /** Makes the first attempt. */
  open(): void {
    this.socket.open();
  }

  /**
   * Gives a command.
   *
   * @returns its ticket and its answer. Rejects as the server refuses, with `not_connected` if it was never sent, and
   * with `too_large`.
   */
  request<Type extends CommandType>(type: Type, body: ClientBodies[Type]): Request<Type> {
    if (this.over) throw new JsapiError('not_connected', 'Not connected');
    this.checkSize(body);
    let ticket = 0;
    const answer = new Promise<object>((resolve, reject) => {
      this.run((now, out) => {
        ticket = this.link.request(now, type, body, out);
        this.waiting.set(ticket, { resolve, reject });
      });
    });
    return { ticket, answer: answer as Promise<ClientResults[Type]> };
  }

  /** Takes a command back that was never sent; says whether that was so. Its answer never comes. */
  cancel(ticket: number): boolean {
    if (!this.link.cancel(ticket)) return false;
    this.waiting.delete(ticket);
    this.remember();
    return true;
  }

  /** The call is known to have ended (SEQ-9). */
  forgetCall(callId: string): void {
    this.run((_, out) => this.link.forgetCall(callId, out));
  }

  /** Says goodbye and closes for good. Never rejects. */
  async close(): Promise<void> {
    if (this.over) return;
    const { ready, kept } = this.link;
    this.run((_, out) => this.link.end(out));
    // What `bye` does not do, because it could not be said, the next connection does (SEQ-9).
    this.memory.leave(ready ? [] : kept);
    const closed = this.socket.close();
    this.finish(undefined);
    await closed;
  }

  private checkSize(body: object): void {
    // The envelope needs less than this.
    const most = (this.link.welcome?.limits.frameBytes ?? Infinity) - 128;
    const bytes = new TextEncoder().encode(JSON.stringify(body)).length;
    if (bytes > most) throw new JsapiError('too_large', `${bytes} bytes are more than the ${most} allowed`);
  }

  // Every input goes through here. What it sends is sent before anything else happens: so numbers stay in order when a
  // listener gives a command, and what it has said is said when the next line of it runs (RCV-4).
  private run(input: (now: number, out: LinkEffect[]) => void): void {
    if (this.over) return;
    const out: LinkEffect[] = [];
    input(this.browser.now(), out);
    for (const effect of out) {
      if (effect.kind === 'send') this.socket.send(effect.text);
      else this.effects.push(effect);
    }
    if (this.performing) return;
    this.performing = true;
    for (let next = this.effects.shift(); next && !this.over; next = this.effects.shift()) this.perform(next);
    this.performing = false;
    this.remember();
    this.arm();
  }

  private perform(effect: Later): void {
    switch (effect.kind) {
      case 'drop':
        this.socket.drop(effect.code);
        return;
      case 'token':
        void this.renew();
        return;
      case 'welcome':
        this.emit('welcome', effect);
        return;
      case 'message':
        this.emit('message', effect);
        return;
      case 'synced':
        this.emit('synced', effect);
        return;
      case 'steady':
        this.socket.settle();
        return;
      case 'settled':
        this.take(effect.ticket)?.resolve(effect.result);
        return;
      case 'refused':
        this.take(effect.ticket)?.reject(effect.error);
    }
  }

  private take(ticket: number): Waiter | undefined {
    const waiter = this.waiting.get(ticket);
    this.waiting.delete(ticket);
    return waiter;
  }

  private async renew(): Promise<void> {
    const { tokenProvider } = this.options;
    if (!tokenProvider || this.renewing) return;
    this.renewing = true;
    try {
      const token = await tokenProvider();
      this.run((now, out) => this.link.handleToken(now, token, out));
    } catch (error) {
      // The next attempt asks again.
      this.emit('tokenFailed', error);
      if (!this.over && !this.link.ready) this.socket.drop();
    } finally {
      this.renewing = false;
    }
  }

  private remember(): void {
    if (this.over) return;
    const { connectionId, resumeToken: token } = this.link.welcome ?? {};
    const resume = connectionId !== undefined && token !== undefined ? { connectionId, token } : undefined;
    this.memory.save({ resume, since: this.link.cursor, kept: this.link.kept });
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = this.over ? Infinity : this.link.nextTimeout();
    if (next === Infinity) return;
    const wait = Math.max(0, Math.ceil(next - this.browser.now()));
    this.timer = setTimeout(() => this.run((now, out) => this.link.handleTimeout(now, out)), wait);
  }

  private finish(end: { code: number; refusal?: JsapiError } | undefined): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    for (const ticket of [...this.waiting.keys()]) {
      this.take(ticket)?.reject(new JsapiError('not_connected', 'The connection has ended'));
    }
    if (end) this.emit('ended', end);
  }
}
