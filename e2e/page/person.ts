import { JSAPI, JsapiError, TextMessage, Call } from '@crosspoint/client';
import type { JsapiEvents, OpenCallOptions, ParticipantState } from '@crosspoint/client';
import { peerConnections, peerStates, type PeerState } from './peer_connections';
import { mediaReport, type MediaReport } from './report';
import { Screen, type FramesShown } from './screen';
import { frames, type Frame } from './sockets';

/** A call as its object shows it to the application. */
export interface CallShown {
  id?: string;
  chainId?: string;
  state: Call['state'];
  role: Call['role'];
  connectionState: Call['connectionState'];
  options: Call['options'];
  activeConnectionId?: string;
  endReason?: Call['endReason'];
  error?: string;
  participants: Record<string, ParticipantShown>;
}

export interface ParticipantShown {
  state: ParticipantState;
  mediaState: string;
  media: { audio: boolean; video: boolean };
  held: boolean;
  ringingConnectionIds: string[];
  /** Kinds of the tracks of its stream; absent as long as it has none. */
  stream?: string[];
}

/** An event on `JSAPI`. `at` is Unix time in ms; calls and texts among the arguments are their ids. */
export interface News {
  at: number;
  name: keyof JsapiEvents;
  args: unknown[];
}

/** How one comes to be online. */
export interface SignIn {
  url: string;
  token: string;
  autoRinging?: boolean;
}

/** What became of a method: nothing, or the error it rejected with. */
export type Outcome = { name: string; details: object } | undefined;

/** Methods of a call that a test may use, with their arguments. */
export type Act =
  | 'ringing'
  | 'accept'
  | 'reject'
  | 'ignore'
  | 'unavailable'
  | 'hangup'
  | 'activate'
  | 'hold'
  | 'resume'
  | 'update'
  | 'invite'
  | 'remove';

export interface ChatMessage {
  kind: 'text' | 'call';
  id?: string;
  sender?: string;
  text?: string;
  version?: number;
  endReason?: string;
}

const kEvents: (keyof JsapiEvents)[] = [
  ...(['connected', 'reconnecting', 'reconnected', 'disconnected', 'error'] as const),
  ...(['text:received', 'text:edited', 'text:removed', 'custom:received'] as const),
  ...(['call:received', 'call:ringing', 'call:init_timeout', 'call:ringing_timeout', 'call:accepted'] as const),
  ...(['call:rejected', 'call:busy', 'call:ignored', 'call:hangup', 'call:reconnecting', 'call:reconnected'] as const),
  ...(['call:dropped', 'call:hold', 'call:resumed', 'call:activated', 'call:invited', 'call:removed'] as const),
  ...(['call:updated', 'call:replaced', 'call:failed', 'call:missed', 'call:end'] as const),
];

/** One device of one user: JSAPI as an application would use it, and what a test wants to know about it. */
class Person {
  readonly news: News[] = [];
  /** Every call object that the application has seen. */
  private readonly calls: Call[] = [];
  private readonly screen = new Screen();
  private readonly watched = new Map<string, Set<MediaStream>>();

  constructor() {
    for (const name of kEvents) JSAPI.on(name, (...args: unknown[]) => this.note(name, args));
  }

  async signIn({ url, token, autoRinging = true }: SignIn): Promise<string> {
    JSAPI.configure({ url, appId: 'dev', device: { name: document.title, kind: 'web' }, autoRinging });
    await JSAPI.connect({ token });
    return JSAPI.connectionId!;
  }

  disconnect(): Promise<void> {
    return JSAPI.disconnect();
  }

  /** Opens a call; resolves with its id when the server has taken it, or with the error. */
  async open(to: string[], options: OpenCallOptions, chainId?: string): Promise<string | Outcome> {
    const call = JSAPI.openCall(JSAPI.profiles.getAt(0)!.id, to, chainId, options);
    this.see(call);
    return call.ready.then(
      ({ id }) => id!,
      (error) => outcome(error),
    );
  }

  act(callId: string, act: Act, ...args: unknown[]): Promise<Outcome> {
    const method = this.call(callId)[act] as (...all: unknown[]) => Promise<void>;
    return method.apply(this.call(callId), args).then(() => undefined, outcome);
  }

  shown(callId: string): CallShown | undefined {
    const call = this.calls.find(({ id }) => id === callId);
    return call && show(call);
  }

  /** How many call objects there are, ended ones among them. */
  get objects(): number {
    return this.calls.length;
  }

  async write(to: string[], text: string, chainId?: string): Promise<{ id: string; chainId: string }> {
    const message = await JSAPI.sendTextMessage(JSAPI.profiles.getAt(0)!.id, to, chainId, text).ready;
    return { id: message.id!, chainId: message.chainId! };
  }

  /** A chain's messages, oldest first. */
  async history(chainId: string): Promise<ChatMessage[]> {
    const { messages } = await JSAPI.getHistory(chainId);
    return messages.reverse().map((message): ChatMessage =>
      message instanceof TextMessage
        ? {
            kind: 'text',
            id: message.id,
            sender: message.sender,
            text: message.content.text,
            version: message.version,
          }
        : { kind: 'call', id: message.record.callId, endReason: message.record.endReason },
    );
  }

  /** Rewrites a text of the chain; with nothing, erases it. */
  async rewrite(chainId: string, messageId: string, text?: string): Promise<void> {
    const { messages } = await JSAPI.getHistory(chainId);
    const message = messages.find((one): one is TextMessage => one instanceof TextMessage && one.id === messageId);
    await (text === undefined ? message!.remove() : message!.edit(text));
  }

  /** What is received of others in a call; streams by the profile that publishes them. */
  report(callId: string): Promise<MediaReport> {
    const others = this.call(callId).participants.filter(({ isMe, stream }) => !isMe && stream);
    return mediaReport(new Map(others.map(({ id, stream }) => [id, stream!])));
  }

  /** Frames shown of a participant. */
  framesOf(callId: string, profileId: string): FramesShown | undefined {
    return this.screen.frames(`${callId} ${profileId}`);
  }

  /** Width and height of a participant's picture; zeros when there is none. */
  pictureSize(callId: string, profileId: string): [number, number] {
    return this.screen.pictureSize(`${callId} ${profileId}`);
  }

  /** How many streams a participant has had so far, each counted as the object that it is. */
  streamsOf(callId: string, profileId: string): number {
    return this.watched.get(`${callId} ${profileId}`)?.size ?? 0;
  }

  resetGaps(): void {
    this.screen.resetGaps();
  }

  frames(): Frame[] {
    return frames;
  }

  /** States that peer connections came to since `at`. */
  peerStates(since: number): PeerState[] {
    return peerStates.filter(({ at }) => at >= since);
  }

  /** Number of peer connections that this page has ever made. */
  get peers(): number {
    return peerConnections.length;
  }

  private call(callId: string): Call {
    const call = this.calls.find(({ id }) => id === callId);
    if (!call) throw new Error(`The application has never heard of call ${callId}`);
    return call;
  }

  private note(name: keyof JsapiEvents, args: unknown[]): void {
    for (const arg of args) if (arg instanceof Call) this.see(arg);
    this.news.push({ at: Date.now(), name, args: args.map(plain) });
  }

  private see(call: Call): void {
    if (!this.calls.includes(call)) this.calls.push(call);
    // Those who are invited later have their place from the event on that tells of them.
    for (const { id, isMe } of call.participants) if (!isMe) this.watch(call, id);
  }

  // Shown once it has an id, as participants are watched by it.
  private watch(call: Call, profileId: string): void {
    void call.ready.then(({ id }) => {
      const key = `${id} ${profileId}`;
      const participant = call.participants.find((one) => one.id === profileId);
      if (this.watched.has(key) || !participant || call.state === 'ended') return;
      const streams = new Set(participant.stream && [participant.stream]);
      this.watched.set(key, streams);
      participant.on('stream', (stream) => stream && streams.add(stream));
      this.screen.watch(key, participant.render({ containerId: 'people', width: 320 }));
    });
  }
}

function show(call: Call): CallShown {
  const { id, chainId, state, role, connectionState, options, activeConnectionId, endReason } = call;
  const participants = call.participants.map((one): [string, ParticipantShown] => [
    one.id,
    {
      ...{ state: one.state, mediaState: one.mediaState, media: one.media, held: one.held },
      ringingConnectionIds: [...one.ringingConnectionIds],
      ...(one.stream && { stream: one.stream.getTracks().map(({ kind }) => kind) }),
    },
  ]);
  return {
    ...{ id, chainId, state, role, connectionState, options, activeConnectionId, endReason, error: call.error?.name },
    participants: Object.fromEntries(participants),
  };
}

function outcome(error: unknown): Outcome {
  if (error instanceof JsapiError) return { name: error.name, details: error.details };
  throw error;
}

function plain(arg: unknown): unknown {
  if (arg instanceof Call) return arg.id;
  if (arg instanceof TextMessage)
    return { id: arg.id, sender: arg.sender, text: arg.content.text, version: arg.version };
  if (arg instanceof JsapiError) return arg.name;
  return JSON.parse(JSON.stringify(arg ?? null));
}

declare global {
  interface Window {
    person: Person;
  }
}
window.person = new Person();
export type { Person };
