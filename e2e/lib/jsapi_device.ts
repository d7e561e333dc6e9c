import { WebSocket } from 'ws';
import type { Frame } from '../page/sockets.js';
import type { People } from './people.js';
import type { Server } from './server.js';
import { until } from './until.js';

/** What the server answers to a message. */
export type Answer = { result: any; error?: undefined } | { result?: undefined; error: { name: string; details: any } };

interface Message {
  type: string;
  seq?: number;
  body: any;
}

/** A connection of a user that speaks JSAPI message by message, to say what no SDK would. It has no media. */
export class JsapiDevice {
  /** What was said, to be held against spec/asyncapi.yaml. */
  readonly frames: Frame[] = [];
  readonly heard: Message[] = [];
  closeCode?: number;
  private seq = 0;
  private received = 0;

  private constructor(
    private readonly socket: WebSocket,
    /** The user, and its one profile. */
    readonly user: string,
  ) {
    socket.on('message', (data) => this.receive(String(data)));
    socket.on('close', (code) => (this.closeCode = code));
    socket.on('error', () => {});
  }

  /** Connects as this user, which is made if it is not there; resolves at `sync.done`. */
  static async open(server: Server, people: People, user: string, restricted?: object): Promise<JsapiDevice> {
    const token = await people.token(user, restricted);
    const device = new JsapiDevice(new WebSocket(`${server.websocketUrl}/jsapi/v1`, 'jsapi.v1'), user);
    await until('the upgrade', 10, () => device.socket.readyState === WebSocket.OPEN, 2);
    device.send({ type: 'hello', body: { version: 1, appId: 'dev', token } });
    await device.hears('sync.done');
    return device;
  }

  get connectionId(): string {
    return this.heard.find(({ type }) => type === 'welcome')!.body.connectionId;
  }

  /** Says something and waits for the answer. */
  async ask(type: string, body: object): Promise<Answer> {
    return this.answer(this.say(type, body));
  }

  /** Says something; returns its number. */
  say(type: string, body: object): number {
    this.seq += 1;
    this.send({ type, seq: this.seq, ack: this.received, body });
    return this.seq;
  }

  /** The answer to the message with this number. */
  async answer(seq: number): Promise<Answer> {
    const reply = await this.hears('reply', ({ re }) => re === seq);
    return reply.ok ? { result: reply.result } : { error: reply.error };
  }

  /** The body of the first message of a type, past or coming. */
  async hears(type: string, is: (body: any) => boolean = () => true): Promise<any> {
    const find = () => this.heard.find((message) => message.type === type && is(message.body));
    return (await until(`${this.user} hears ${type}`, 10, find, 2)).body;
  }

  close(): void {
    this.socket.close();
  }

  private send(message: object): void {
    const text = JSON.stringify(message);
    this.note('fromClient', text);
    this.socket.send(text);
  }

  private receive(text: string): void {
    this.note('toClient', text);
    const message = JSON.parse(text) as Message;
    this.received = Math.max(this.received, message.seq ?? 0);
    this.heard.push(message);
  }

  private note(side: Frame['side'], text: string): void {
    this.frames.push({ at: Date.now(), url: this.socket.url, socket: 0, side, text });
  }
}
