import { pageBrowser, type Browser } from '../browser.js';
import { Signals } from '../emitter.js';
import { Playback } from '../playback.js';
import { Call } from './call.js';
import type { ShortCallEvents } from './call_events.js';
import { isCallMessage } from './call_mirror.js';
import type { Viewer } from './call_view.js';
import { Calls } from './calls.js';
import type { CommandType } from './commands.js';
import { badArgument, JsapiError } from './errors.js';
import type { DisconnectReason, JsapiEvents } from './events.js';
import { kCloseCode, type Arrived, type ServerMessage } from './link.js';
import { Memory } from './memory.js';
import type { CallInChain, ClientBodies, ClientResults, Position, ProfileChanges, Welcome } from './messages.js';
import { openingOf, profileIds, type MaybeChainId } from './opening.js';
import type { JsapiConnectOptions, JsapiOptions, OpenCallOptions, OpenCallRequest, PageOptions } from './options.js';
import { profileList, type ProfileList } from './profiles.js';
import { TextMessage, type TextHost } from './text.js';
import { Transport } from './transport.js';

/** What the connection is doing (2.1). */
export type JsapiState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed';

/** What this browser can do. */
export interface Capabilities {
  /** Whether it can carry media. */
  webrtc: boolean;
  /** Whether it lets the page have microphones and cameras. */
  devices: boolean;
}

/** One page of a chain, newest first. */
export interface HistoryPage {
  messages: (TextMessage | CallInChain)[];
  /** Whether there is more before the last of them. */
  more: boolean;
}

/** One page of chains, the one with the newest message first. */
export type ChainsPage = ClientResults['chain.list'];

const kPage = 50;

/** Calls and text messages between people, as `JSAPI`: one connection of one user (jsapi section 2). */
export class Jsapi extends Signals<JsapiEvents> {
  /** What errors are made of: `error instanceof JSAPI.Error`. */
  readonly Error = JsapiError;
  /** Version of this package. */
  readonly version = __SDK_VERSION__;

  private options: JsapiOptions | undefined;
  private connecting: JsapiConnectOptions = {};
  private transport: Transport | undefined;
  private present: JsapiState = 'idle';
  private calls_: Calls | undefined;
  private own: ProfileList = profileList([]);
  /** Stays as it was when the connection is over: what a call was to it does not change any more. */
  private viewer: Viewer = { connectionId: '', profileIds: [] };
  private settleConnect: { resolve(): void; reject(error: JsapiError): void } | undefined;
  private readonly playback: Playback;

  /** @param browser for tests only: what stands for the page's browser. */
  constructor(private readonly browser: Browser = pageBrowser) {
    super();
    this.playback = new Playback(browser);
  }

  /** What the connection is doing. */
  get state(): JsapiState {
    return this.present;
  }

  /** Id of the connection; nothing before the first `connected`. */
  get connectionId(): string | undefined {
    return this.transport?.welcome?.connectionId;
  }

  /** The user that the token is of. */
  get userId(): string | undefined {
    return this.transport?.welcome?.userId;
  }

  /** The user's own profiles that the token allows. */
  get profiles(): ProfileList {
    return this.own;
  }

  /** The live calls. */
  get calls(): Call[] {
    return this.calls_?.live ?? [];
  }

  /** The transport; nothing while there is no connection. */
  get Client(): Transport | undefined {
    return this.transport;
  }

  /** The call with this id. */
  getCall(id: string): Call | undefined {
    return this.calls_?.get(id);
  }

  /** Says where the server is, and who this is; once, before `connect`. */
  configure(options: JsapiOptions): void {
    if (this.transport) throw new JsapiError('wrong_state', 'Configure before connect()', { state: this.present });
    if (!options.url) throw badArgument('url', 'Where is the server?');
    if (!options.appId) throw badArgument('appId', 'Which app is this?');
    this.options = { ...options };
  }

  /**
   * Connects.
   *
   * @returns when what was missed has been told. Rejects with `unauthenticated`, `bad_argument` or what else the server
   * refuses with; a server that is not reachable is tried for ever.
   */
  async connect(options: JsapiConnectOptions): Promise<void> {
    if (!this.options) throw badArgument('options', 'Call configure() first');
    if (this.transport) throw new JsapiError('wrong_state', `Already ${this.present}`, { state: this.present });
    const { token, tokenProvider, since } = options;
    if (token === undefined && !tokenProvider) throw badArgument('token', 'Give a token or a tokenProvider');
    const { url, appId, device, storage = this.browser.tabStorage(), autoResume = true } = this.options;
    this.connecting = options;
    const memory = new Memory(storage, appId, autoResume);
    const transport = new Transport(this.browser, { url, appId, device, token, tokenProvider, since }, memory);
    this.transport = transport;
    this.present = 'connecting';
    this.calls_ = this.newCalls(transport);
    this.listen(transport, this.calls_);
    const done = new Promise<void>((resolve, reject) => (this.settleConnect = { resolve, reject }));
    transport.open();
    return done;
  }

  /** Hangs up where this connection is active, says goodbye and closes. Never rejects. */
  async disconnect(): Promise<void> {
    const { transport } = this;
    if (!transport) return;
    for (const call of this.calls.filter(({ role }) => role.startsWith('active')))
      void call.hangup().catch(() => undefined);
    // The server takes `bye` after them, so their answers need not be waited for.
    const closed = transport.close();
    this.finish('disconnected');
    await closed;
  }

  /** What this browser can do. */
  getCapabilities(): Capabilities {
    const can = (what: () => unknown) => {
      try {
        return what() !== undefined;
      } catch {
        return false;
      }
    };
    return {
      webrtc: typeof RTCPeerConnection !== 'undefined',
      devices: can(() => this.browser.mediaDevices()),
    };
  }

  /**
   * Opens a call (7.1). In one object: `openCall({ from, to, chainId, immediate, settings })`.
   *
   * @param fromProfileId the initiator, an own profile.
   * @param toProfileIds the receivers, or the one.
   * @param chainId chain that the call is to be in; without, it begins one.
   * @returns at once, in state `opening`; `ready` resolves when the server has taken it. Throws `bad_argument`,
   * `self_call`, `forbidden_profile` and `not_connected`.
   */
  openCall(
    fromProfileId: string,
    toProfileIds: string | string[],
    chainId?: MaybeChainId,
    options?: OpenCallOptions,
  ): Call;
  openCall(request: OpenCallRequest): Call;
  openCall(
    from: string | OpenCallRequest,
    to?: string | string[],
    chainId?: MaybeChainId,
    settings?: OpenCallOptions,
  ): Call {
    const { calls } = this.connected();
    const request = typeof from === 'object' ? from : { from, to: to ?? [], chainId, settings };
    return calls.open(openingOf(request, this.viewer, this.browser.uuid));
  }

  /**
   * Writes to people (5).
   *
   * @returns at once; `ready` resolves when the server has taken it. Throws `bad_argument`, `too_large` and
   * `not_connected`.
   */
  sendTextMessage(
    senderProfileId: string,
    receiversProfilesIds: string | string[],
    chainId: MaybeChainId,
    textMessage: string,
  ): TextMessage {
    const { transport } = this.connected();
    const receivers = profileIds('receivers', receiversProfilesIds);
    if (typeof textMessage !== 'string') throw badArgument('textMessage', 'A text is a string');
    const body = {
      ...{ localId: this.browser.uuid(), sender: senderProfileId, receivers, content: { text: textMessage } },
      ...(chainId && { chainId }),
    };
    const { localId, sender } = body;
    const draft = { localId, sender, receivers, chainId: body.chainId, connectionId: this.viewer.connectionId };
    const taken = transport.request('text.add_message', body).answer;
    return new TextMessage(this.textHost(), { draft: { ...draft, text: textMessage } }, taken);
  }

  /** Tells something, at most 255 bytes, to whoever is attached now; nothing is stored. */
  async sendCustomMessage({
    from,
    to,
    content,
  }: {
    from: string;
    to: string | string[];
    content: string;
  }): Promise<void> {
    const { transport } = this.connected();
    await transport.request('custom.message', { from, to: profileIds('to', to), content }).answer;
  }

  /** Changes an own profile. */
  async setProfile(profileId: string, changes: Omit<ProfileChanges, 'profileId'>): Promise<void> {
    await this.connected().transport.request('profile.set', { ...changes, profileId }).answer;
  }

  /** Messages and calls of a chain, newest first; as the user's first profile sees it unless `profileId` is given. */
  async getHistory(
    chainId: string,
    { before, limit = kPage, profileId }: PageOptions<Position> & { profileId?: string } = {},
  ): Promise<HistoryPage> {
    const { transport } = this.connected();
    const viewer = profileId ?? this.own.getAt(0)?.id ?? '';
    const query = { profileId: viewer, chainId, limit, ...(before !== undefined && { before }) };
    const { messages, more } = await transport.request('chain.history', query).answer;
    return { messages: messages.map((message) => this.inChain(message)), more };
  }

  /** Chains in which a profile sees a message; `next` of a page is `before` of the page after it. */
  async getChains(profileId: string, { before, limit = kPage }: PageOptions<string> = {}): Promise<ChainsPage> {
    const query = { profileId, limit, ...(before !== undefined && { before }) };
    return this.connected().transport.request('chain.list', query).answer;
  }

  protected override listenerThrew(name: string, error: unknown): void {
    this.log('warn', `a listener of '${name}' threw: ${String(error)}`);
  }

  private connected(): { transport: Transport; calls: Calls } {
    const { transport, calls_: calls } = this;
    const able = this.present === 'connected' || this.present === 'reconnecting';
    if (able && transport && calls) return { transport, calls };
    throw new JsapiError('not_connected', `Not connected, but ${this.present}`);
  }

  private newCalls(transport: Transport): Calls {
    const jsapi = this;
    const { browser, playback } = this;
    const { url = '', autoRinging = true } = this.options ?? {};
    return new Calls({
      ...{ browser, playback, url, autoRinging },
      get viewer() {
        return jsapi.viewer;
      },
      request: (type, body) => transport.request(type, body),
      send: async <Type extends CommandType>(type: Type, body: ClientBodies[Type]): Promise<ClientResults[Type]> =>
        transport.request(type, body).answer,
      cancel: (ticket) => transport.cancel(ticket),
      forget: (callId) => transport.forgetCall(callId),
      warn: (message) => this.log('warn', message),
      announce: <Name extends keyof ShortCallEvents>(call: Call, name: Name, args: ShortCallEvents[Name]) => {
        this.emit(`call:${name}` as keyof JsapiEvents, ...([call, ...args] as never));
      },
    });
  }

  private listen(transport: Transport, calls: Calls): void {
    transport.on('welcome', ({ welcome, how }) => this.welcomed(welcome, how, calls));
    transport.on('message', ({ message, live }) => this.handle(message, live, calls));
    transport.on('synced', ({ how }) => this.synced(how, calls));
    transport.on('lost', ({ code }) => {
      this.log('info', `connection lost, code ${code}`);
      if (this.present !== 'connected') return;
      this.present = 'reconnecting';
      this.emit('reconnecting');
    });
    transport.on('ended', ({ code, refusal }) => this.ended(code, refusal));
    transport.on('tokenFailed', (error) => {
      this.emit('error', new JsapiError('unauthenticated', `The tokenProvider failed: ${String(error)}`));
    });
  }

  private welcomed(welcome: Welcome, how: Arrived, calls: Calls): void {
    this.log('info', `welcome as ${welcome.connectionId}, ${how}`);
    this.own = profileList(welcome.profiles);
    this.viewer = { connectionId: welcome.connectionId, profileIds: this.own.map(({ id }) => id) };
    calls.handleWelcome();
  }

  private synced(how: Arrived, calls: Calls): void {
    this.present = 'connected';
    calls.handleSynced(how);
    if (how === 'first') this.firstConnected();
    else this.emit('reconnected', how !== 'renewed');
    calls.tellMissed();
  }

  private firstConnected(): void {
    const { connectionId = '', userId = '' } = this;
    const credentials = this.transport?.credentials ?? { token: '', expiresInMs: 0 };
    this.emit('connected', connectionId, userId, this.own, credentials);
    try {
      this.connecting.callback?.(connectionId, userId, this.own, credentials);
    } catch (error) {
      this.listenerThrew('connect callback', error);
    }
    this.settleConnect?.resolve();
    this.settleConnect = undefined;
  }

  private handle(message: ServerMessage, live: boolean, calls: Calls): void {
    if (isCallMessage(message)) return calls.receive(message, live);
    switch (message.type) {
      case 'auth.expiring':
        return this.emit('auth:expiring', message.body.expiresInMs);
      case 'auth.multiconnection':
        return this.emit('auth:multiconnection', message.body.count);
      case 'profile.updated':
        return this.own.update(message.body.profile);
      case 'custom.message':
        return this.emit('custom:received', message.body);
      case 'text.add_message':
        // What this connection has sent, the application has already (5).
        if (message.body.connectionId === this.connectionId && this.isOwn(message.body.sender)) return;
        return this.emit('text:received', new TextMessage(this.textHost(), { record: message.body }));
      case 'text.edit_message':
        return this.emit('text:edited', new TextMessage(this.textHost(), { record: message.body }));
      case 'text.remove_message':
        return this.emit('text:removed', message.body.id);
      case 'call.record':
        return calls.handleRecord(message.body.record);
      case 'call.missed':
        calls.handleRecord(message.body.record);
        return this.emit('call:missed', message.body.record);
    }
  }

  private ended(code: number, refusal: JsapiError | undefined): void {
    const unauthenticated = code === kCloseCode.authentication;
    const replaced = code === kCloseCode.replaced;
    const error = new JsapiError(unauthenticated ? 'unauthenticated' : 'not_connected', `Closed with code ${code}`);
    const { settleConnect } = this;
    this.settleConnect = undefined;
    this.finish(unauthenticated ? 'unauthenticated' : replaced ? 'replaced' : 'refused');
    if (settleConnect) settleConnect.reject(refusal ?? error);
    else this.emit('error', refusal ?? error);
  }

  private finish(reason: DisconnectReason): void {
    if (!this.transport) return;
    const { calls_: calls, settleConnect } = this;
    this.present = 'closed';
    this.transport = undefined;
    this.calls_ = undefined;
    calls?.close();
    this.settleConnect = undefined;
    settleConnect?.reject(new JsapiError('not_connected', 'Disconnected'));
    this.emit('disconnected', reason);
  }

  private isOwn(profileId: string): boolean {
    return this.own.get(profileId) !== undefined;
  }

  private inChain(message: ClientResults['chain.history']['messages'][number]): TextMessage | CallInChain {
    return message.kind === 'call' ? message : new TextMessage(this.textHost(), { record: message });
  }

  private textHost(): TextHost {
    return {
      edit: (id, text) => this.connected().transport.request('text.edit_message', { id, content: { text } }).answer,
      remove: (id) => this.connected().transport.request('text.remove_message', { id }).answer,
    };
  }

  private log(level: 'info' | 'warn', message: string): void {
    const { logger } = this.options ?? {};
    if (logger) logger(level, message);
    else if (level === 'warn') console.warn(`crosspoint: ${message}`);
  }
}
