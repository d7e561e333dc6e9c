import { expect, vi } from 'vitest';
import { Jsapi } from '../../src/jsapi/jsapi.js';
import type { Welcome } from '../../src/jsapi/messages.js';
import type { JsapiConnectOptions, JsapiOptions } from '../../src/jsapi/options.js';
import { FakeBrowser, type FakeSocket } from '../fake_browser.js';
import { FakeServer, settle } from '../fake_server.js';
import { asyncApi } from './asyncapi.js';

/** A frame of the client. */
export interface Said {
  type: string;
  seq?: number;
  ack?: number;
  body?: any;
}

type Answer = object | { error: [code: number, name: string, details?: object] } | 'silence';

export const kUrl = 'wss://page.example/jsapi/v1';

/** The server's end of a JSAPI socket, scripted: it holds what both sides say to spec/asyncapi.yaml. */
export class FakeJsapiServer {
  /** Everything that the client has said, on all sockets. */
  said: Said[] = [];
  welcome: Welcome = {
    ...{ connectionId: 'c1', userId: 'A', resumed: false, fresh: false, recv: 0, resumeToken: 'r1' },
    ...{ resumeWindowMs: 60_000, pingMs: 15_000, expiresInMs: 3_600_000, connections: 1 },
    profiles: ['a', 'a2'].map((id) => ({
      ...{ id, kind: 'user', nickname: id, dnd: false, busyPolicy: 'ring', callPolicy: 'anyone', wakeable: false },
    })),
    limits: {
      ...{ frameBytes: 65_536, textBytes: 16_384, customBytes: 255, receiversPerMessage: 256 },
      ...{ participantsPerCall: 20, connectionsPerUser: 10, liveCallsPerUser: 8, unansweredCallsPerUser: 4 },
      ...{ callsPerMinute: 20, textsPerMinute: 120, messagesPerSecond: 50 },
    },
  } as Welcome;
  /** What `hello` gets: a welcome and, unless a test takes over, `sync.done`. */
  onhello: (() => void) | null = null;
  /** Whether new sockets are accepted. */
  up = true;
  answers: Record<string, Answer | ((body: any) => Answer)> = {};
  seq = 0;
  received = 0;
  sockets: FakeSocket[] = [];

  constructor(readonly browser: FakeBrowser) {
    const media = browser.onsocket;
    browser.onsocket = (socket) => (socket.url === kUrl ? queueMicrotask(() => this.meet(socket)) : media?.(socket));
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  /** Bodies of all messages of one type. */
  heard(type: string): any[] {
    return this.said.filter((one) => one.type === type).map(({ body }) => body);
  }

  /** Sends an unsequenced frame. */
  plain(type: string, rest: { body?: object; ack?: number } = {}): void {
    this.deliver({ type, ...rest });
  }

  /** Sends a sequenced message. */
  tell(type: string, body: object): void {
    this.seq += 1;
    this.deliver({ type, seq: this.seq, body });
  }

  /** Ends the replay or the snapshot. */
  done(useq = 'u1'): void {
    this.tell('sync.done', { useq });
  }

  greet(changes: Partial<Welcome> = {}): void {
    Object.assign(this.welcome, changes);
    if (!this.welcome.resumed || this.welcome.fresh) this.seq = this.received = 0;
    this.plain('welcome', { body: { ...this.welcome, recv: this.received } });
  }

  /** The next welcome is of the same connection, in order or (`fresh`) with a snapshot. */
  resumes(fresh = false): void {
    this.onhello = () => {
      this.greet({ resumed: true, fresh, resumeToken: `${this.welcome.resumeToken}+` });
      this.done();
    };
  }

  /** Answers the last message of this type. */
  answer(type: string, answer: Answer): void {
    const last = this.said.filter((one) => one.type === type).at(-1);
    this.reply(type, last!.seq!, answer);
  }

  reply(type: string, re: number, answer: Answer): void {
    if (answer === 'silence') return;
    if ('error' in answer) {
      const [code, name, details] = answer.error;
      return this.tell('reply', { re, ok: false, error: { code, name, message: name, ...(details && { details }) } });
    }
    expect(asyncApi.resultProblems(type, answer), `result of ${type}`).toEqual([]);
    this.tell('reply', { re, ok: true, result: answer });
  }

  /** Sends a frame as it is. */
  deliver(frame: Said): void {
    expect(asyncApi.problems('toClient', frame), JSON.stringify(frame)).toEqual([]);
    this.socket.onmessage?.({ data: JSON.stringify(frame) });
  }

  private meet(socket: FakeSocket): void {
    this.sockets.push(socket);
    if (!this.up) return socket.end(1006);
    socket.onsend = (text) => this.receive(JSON.parse(text) as Said);
    socket.accept();
  }

  private receive(frame: Said): void {
    expect(asyncApi.problems('fromClient', frame), JSON.stringify(frame)).toEqual([]);
    this.said.push(frame);
    if (frame.type === 'hello') return this.welcomeNow();
    if (frame.seq === undefined) return;
    if (frame.seq <= this.received) return;
    expect(frame.seq, 'a gap').toBe(this.received + 1);
    this.received = frame.seq;
    const answer = this.answers[frame.type] ?? 'silence';
    this.reply(frame.type, frame.seq, typeof answer === 'function' ? answer(frame.body) : answer);
  }

  private welcomeNow(): void {
    if (this.onhello) return this.onhello();
    this.greet();
    this.done();
  }
}

/** JSAPI, its browser, its server, and one for media; not yet connected. */
export function stage(options: Partial<JsapiOptions> = {}, browser = new FakeBrowser()) {
  const media = new FakeServer(browser);
  const server = new FakeJsapiServer(browser);
  const log: string[] = [];
  const jsapi = new Jsapi(browser);
  jsapi.configure({ url: kUrl, appId: 'app', logger: (level, line) => log.push(`${level} ${line}`), ...options });
  return { browser, server, media, jsapi, log };
}

/** The same, connected. */
export async function connected(options: Partial<JsapiOptions> = {}, connect: Partial<JsapiConnectOptions> = {}) {
  const all = stage(options);
  await Promise.all([all.jsapi.connect({ token: 't', ...connect }), settle()]);
  return all;
}

/** Every event that JSAPI emits, as one line each. */
export function watch(jsapi: Jsapi): string[] {
  const lines: string[] = [];
  const emit = jsapi.emit.bind(jsapi);
  vi.spyOn(jsapi, 'emit').mockImplementation((name, ...args) => {
    lines.push([name, ...args.map(short)].join(' '));
    emit(name, ...(args as never));
  });
  return lines;
}

function short(value: any): string {
  if (Array.isArray(value)) return `[${value.map(short).join(',')}]`;
  return typeof value === 'object'
    ? String(value?.id ?? value?.name ?? value?.localId ?? JSON.stringify(value))
    : `${value}`;
}

export { settle };
