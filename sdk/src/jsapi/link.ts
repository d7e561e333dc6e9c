import { CommandQueue, type Command, type CommandType } from './commands.js';
import { JsapiError } from './errors.js';
import { Incoming } from './incoming.js';
import type { AuthRefreshed, ClientBodies, Device, Fault, Reply, ServerBodies, SyncDone, Welcome } from './messages.js';

/** What the server says, less what the {@link Link} deals with itself. */
export type ServerMessage = {
  [Type in keyof ServerBodies]: { type: Type; body: ServerBodies[Type] };
}[keyof ServerBodies];

/** How a connection came about: the first of this page, resumed in order, resumed from a snapshot, or a new one. */
export type Arrived = 'first' | 'resumed' | 'fresh' | 'renewed';

/** What a {@link Link} wants done, in this order. */
export type LinkEffect =
  | { kind: 'send'; text: string }
  /** The transport is of no use any more: close it with this code and make another. */
  | { kind: 'drop'; code: number }
  /** A new token is needed; see {@link Link.handleToken}. */
  | { kind: 'token' }
  | { kind: 'welcome'; welcome: Welcome; how: Arrived }
  /** `live`: after `sync.done`. */
  | { kind: 'message'; message: ServerMessage; live: boolean }
  | { kind: 'synced'; how: Arrived; done: SyncDone }
  /** The transport has held for a while: its loss is not the fault of what was said on it. */
  | { kind: 'steady' }
  | { kind: 'settled'; ticket: number; result: object }
  | { kind: 'refused'; ticket: number; error: JsapiError };

/** What a {@link Link} is made for. */
export interface LinkOptions {
  appId: string;
  device?: Device;
  token?: string;
  /** Whether there is a way to get another token. */
  renewable: boolean;
  /** A connection that an earlier page had (CON-6). */
  resume?: { connectionId: string; token: string };
  /** Cursor in the user log. */
  since?: string;
}

/** Close codes (jsapi section 2.2). */
export const kCloseCode = {
  restart: 1012,
  protocol: 4400,
  authentication: 4401,
  dead: 4408,
  replaced: 4409,
  tooLarge: 4413,
} as const;

const kVersion = 1;
const kOfflineTtl = 10_000;
const kPongTimeout = 10_000;
// Before the server has told its own.
const kFirstPing = 15_000;
// So that a token does not expire on its way.
const kTokenMargin = 5_000;

/** The client's side of one connection (jsapi sections 2 and 3), through transports that come and go. */
export class Link {
  /** The last welcome, which names the connection. */
  welcome: Welcome | undefined;
  /** Why the server does not want this client, if it said so. */
  refusal: JsapiError | undefined;

  private readonly commands = new CommandQueue(kOfflineTtl);
  private readonly incoming = new Incoming();
  private phase: 'down' | 'token' | 'greeting' | 'syncing' | 'ready' = 'down';
  private how: Arrived = 'first';
  private token: string | undefined;
  private tokenExpires = Infinity;
  private refusedTokens = 0;
  private since: string | undefined;
  private lastHeard = 0;
  private pingAt = Infinity;

  constructor(private readonly options: LinkOptions) {
    this.token = options.token;
    this.since = options.since;
  }

  /** Whether the server can be told something now. */
  get ready(): boolean {
    return this.phase === 'ready' || this.phase === 'syncing';
  }

  /** How long the present token is good for. */
  tokenLife(now: number): number {
    return Math.max(0, this.tokenExpires - now);
  }

  /** The present token. */
  get credentials(): string {
    return this.token ?? '';
  }

  /** Cursor in the user log: everything up to it was told (6.3). */
  get cursor(): string | undefined {
    return this.since;
  }

  /** The commands that outlive the page (SEQ-9). */
  get kept(): Pick<Command, 'type' | 'body'>[] {
    return this.commands.kept();
  }

  /** Gives a command; it is sent as soon as there is a connection. Its answer comes under the ticket returned. */
  request<Type extends CommandType>(now: number, type: Type, body: ClientBodies[Type], out: LinkEffect[]): number {
    const { ticket } = this.commands.add(now, type, body);
    if (this.ready) this.flush(out);
    return ticket;
  }

  /** Takes a command back that was never sent; says whether that was so. */
  cancel(ticket: number): boolean {
    return this.commands.cancel(ticket) !== undefined;
  }

  /** The call is known to have ended: what was kept for it is done. */
  forgetCall(callId: string, out: LinkEffect[]): void {
    for (const { ticket } of this.commands.forget(callId)) out.push({ kind: 'settled', ticket, result: {} });
  }

  /** A transport is open. */
  handleOpen(now: number, out: LinkEffect[]): void {
    this.lastHeard = now;
    this.pingAt = Infinity;
    if (this.token === undefined || (this.options.renewable && this.tokenLife(now) < kTokenMargin)) {
      this.phase = 'token';
      out.push({ kind: 'token' });
      return;
    }
    this.greet(out);
  }

  /** There is a new token. */
  handleToken(now: number, token: string, out: LinkEffect[]): void {
    this.token = token;
    this.tokenExpires = Infinity;
    this.lastHeard = now;
    if (this.phase === 'token') this.greet(out);
    else if (this.ready) this.request(now, 'auth.refresh', { token }, out);
  }

  /** The transport is gone. */
  handleLost(code: number, out: LinkEffect[]): void {
    this.phase = 'down';
    if (code !== kCloseCode.authentication) return;
    this.refusedTokens += 1;
    this.token = undefined;
    if (this.options.renewable) out.push({ kind: 'token' });
  }

  /** Whether it makes no sense to come back after this close code. */
  isFinal(code: number): boolean {
    if (this.refusal) return true;
    if (code === kCloseCode.authentication) return !this.options.renewable || this.refusedTokens > 0;
    return code === kCloseCode.replaced || code === kCloseCode.tooLarge;
  }

  /** One text frame. */
  handleText(now: number, text: string, out: LinkEffect[]): void {
    const frame = parse(text);
    if (!frame) return this.fault(out);
    this.lastHeard = now;
    if (frame.seq !== undefined) {
      const arrival = this.ready ? this.incoming.take(now, frame.seq) : 'gap';
      if (arrival === 'gap') return this.fault(out);
      if (arrival === 'seen') return;
    }
    this.handle(now, { type: frame.type, body: frame.body ?? {} } as ServerMessage, out);
  }

  /** Does what is due. */
  handleTimeout(now: number, out: LinkEffect[]): void {
    for (const { ticket, type } of this.commands.expire(now)) {
      out.push({ kind: 'refused', ticket, error: new JsapiError('not_connected', `No connection for ${type}`) });
    }
    if (this.phase === 'down') return;
    if (now >= this.deadAt()) {
      out.push({ kind: 'drop', code: kCloseCode.dead });
      return;
    }
    if (now >= this.pingAt) {
      this.pingAt = now + this.pingInterval();
      this.send({ type: 'ping' }, out);
    }
    if (now >= this.incoming.nextAck()) this.send({ type: 'ack' }, out);
  }

  /** When {@link handleTimeout} has something to do. */
  nextTimeout(): number {
    const expiry = this.commands.nextExpiry();
    if (this.phase === 'down') return expiry;
    return Math.min(expiry, this.deadAt(), this.pingAt, this.ready ? this.incoming.nextAck() : Infinity);
  }

  /** Ends the connection for good; whatever waits for an answer is refused. */
  end(out: LinkEffect[]): void {
    if (this.ready) this.send({ type: 'bye', body: {} }, out);
    this.phase = 'down';
    for (const { ticket, type } of this.commands.clear()) {
      out.push({ kind: 'refused', ticket, error: new JsapiError('not_connected', `Disconnected before ${type}`) });
    }
  }

  private handle(now: number, message: ServerMessage, out: LinkEffect[]): void {
    switch (message.type) {
      case 'ping':
        return this.send({ type: 'pong' }, out);
      case 'pong':
        if (this.phase === 'ready') out.push({ kind: 'steady' });
        return;
      case 'welcome':
        return this.welcomed(now, message.body, out);
      case 'error':
        return this.denied(message.body, out);
      case 'reply':
        return this.answered(now, message.body, out);
      case 'sync.done':
        this.phase = 'ready';
        this.since = message.body.useq;
        out.push({ kind: 'synced', how: this.how, done: message.body });
        return;
      case 'auth.expiring':
        this.tokenExpires = now + message.body.expiresInMs;
        if (this.options.renewable) out.push({ kind: 'token' });
    }
    const { useq } = message.body as { useq?: string };
    if (useq !== undefined) this.since = useq;
    out.push({ kind: 'message', message, live: this.phase === 'ready' });
  }

  private greet(out: LinkEffect[]): void {
    this.phase = 'greeting';
    const { appId, device, resume } = this.options;
    const { connectionId, resumeToken } = this.welcome ?? {};
    const again = resumeToken !== undefined && { connectionId, token: resumeToken, recv: this.incoming.received };
    const body = {
      ...{ version: kVersion, appId, token: this.token, device, since: this.since },
      resume: again || (resume && { ...resume, recv: null }),
    };
    out.push({ kind: 'send', text: JSON.stringify({ type: 'hello', body }) });
  }

  private welcomed(now: number, welcome: Welcome, out: LinkEffect[]): void {
    if (this.phase !== 'greeting') return this.fault(out);
    const before = this.welcome;
    if (!before) this.how = 'first';
    else if (!welcome.resumed) this.how = 'renewed';
    else this.how = welcome.fresh ? 'fresh' : 'resumed';
    this.welcome = welcome;
    this.phase = 'syncing';
    this.refusedTokens = 0;
    this.tokenExpires = now + welcome.expiresInMs;
    this.pingAt = now + this.pingInterval();
    if (this.how !== 'resumed') {
      this.incoming.restart();
      const moot = this.commands.restart(this.how === 'renewed');
      const error = () => new JsapiError('not_connected', 'This was for a connection that is gone');
      for (const { ticket } of moot) out.push({ kind: 'refused', ticket, error: error() });
    }
    out.push({ kind: 'welcome', welcome, how: this.how });
    if (this.how === 'resumed') for (const command of this.commands.after(welcome.recv)) this.sendCommand(command, out);
    this.flush(out);
  }

  // Some refusals pass, such as of a server with too much to do; those of what we are do not.
  private denied(fault: Fault, out: LinkEffect[]): void {
    const error = JsapiError.of(fault);
    if (this.phase === 'greeting' && fault.code < 4200) this.refusal = error;
    out.push({ kind: 'drop', code: kCloseCode.protocol });
  }

  private answered(now: number, { re, ok, result, error }: Reply, out: LinkEffect[]): void {
    const command = this.commands.settle(re);
    if (!command || command.forgotten) return;
    const { ticket, type } = command;
    if (!ok || !result) {
      const fault = error ?? { code: 5000, name: 'internal', message: 'The server gave no reason' };
      out.push({ kind: 'refused', ticket, error: JsapiError.of(fault) });
      return;
    }
    if (type === 'auth.refresh') this.tokenExpires = now + ((result as AuthRefreshed).expiresInMs ?? Infinity);
    out.push({ kind: 'settled', ticket, result });
  }

  private flush(out: LinkEffect[]): void {
    for (const command of this.commands.takeUnsent()) this.sendCommand(command, out);
  }

  private sendCommand({ type, seq, body }: Command, out: LinkEffect[]): void {
    this.send({ type, seq, body }, out);
  }

  private send(frame: { type: string; seq?: number; body?: object }, out: LinkEffect[]): void {
    const ack = this.ready ? this.incoming.acknowledge() : 0;
    out.push({ kind: 'send', text: JSON.stringify(ack > 0 ? { ...frame, ack } : frame) });
  }

  private fault(out: LinkEffect[]): void {
    out.push({ kind: 'drop', code: kCloseCode.protocol });
  }

  private pingInterval(): number {
    return this.welcome?.pingMs ?? kFirstPing;
  }

  // CON-5. A server that says nothing to `hello` is as dead.
  private deadAt(): number {
    if (this.phase === 'token') return Infinity;
    return this.lastHeard + kPongTimeout + (this.ready ? this.pingInterval() : 0);
  }
}

interface Frame {
  type: string;
  seq?: number;
  body?: object;
}

function parse(text: string): Frame | undefined {
  try {
    const frame = JSON.parse(text) as Frame | null;
    return typeof frame === 'object' && typeof frame?.type === 'string' ? frame : undefined;
  } catch {
    return undefined;
  }
}
