import { Signals } from '../emitter.js';
import { Mutex } from '../mutex.js';
import type { CallEvents, ShortCallEvents } from './call_events.js';
import { legStateOf, roleOf, type Mirror } from './call_mirror.js';
import type { News, OverReason } from './call_news.js';
import { isUndecided, ownParticipant, withLeg, type Viewer } from './call_view.js';
import type { CommandType } from './commands.js';
import { JsapiError } from './errors.js';
import { CallMedia, type MediaEnvironment } from './media.js';
import type {
  CallMediaNews,
  CallState,
  CallView,
  ClientBodies,
  ClientResults,
  LegState,
  MediaKinds,
  ParticipantView,
  Role,
} from './messages.js';
import type { Opening } from './opening.js';
import { provisionalView } from './opening.js';
import type { SomeMedia, TakePartOptions } from './options.js';
import { Participant, type ParticipantHost } from './participant.js';

/** What a {@link Call} works with. */
export interface CallHost extends MediaEnvironment {
  readonly viewer: Viewer;
  readonly playback: ParticipantHost['playback'];
  send<Type extends CommandType>(type: Type, body: ClientBodies[Type]): Promise<ClientResults[Type]>;
  /** Sends `call.init` for an object that has not been sent yet. */
  open(call: Call): void;
  /** Gives up an opening that the server has not answered. */
  abandon(call: Call): void;
  /** Asks for the state of a call that seems to differ from what is known. */
  sync(call: Call): void;
  /** Emits an event of a call on `JSAPI`. */
  announce<Name extends keyof ShortCallEvents>(call: Call, name: Name, args: ShortCallEvents[Name]): void;
  warn(message: string): void;
}

/** A call as this connection sees it, kept up to date by JSAPI (7.2). */
export class Call extends Signals<CallEvents> {
  /** Made by this side for calls opened here; otherwise nothing (ID-4). */
  readonly localId: string | undefined;
  /** Resolves once the server has taken the call: with this object, or with the one it was merged into (GLR-1). */
  readonly ready: Promise<Call>;
  /** Why opening failed, or why this side hung up. */
  error: JsapiError | undefined;
  /** What this connection has asked for and not got yet. */
  pendingAction: 'accept' | 'activate' | undefined;

  /** @internal What the server has told; nothing while this side has only opened it. */
  mirror: Mirror | undefined;
  /** @internal Whether the application knows this object. */
  shown = false;
  /** @internal Whether `call:received` was emitted for the present invitation. */
  announced = false;
  /** @internal Whether this connection was invited, rather than told of the state only (RCV-5). */
  invited = false;
  /** @internal Whether this device has said, or is saying, that it cannot take the present invitation. */
  unable = false;
  /** @internal */
  readonly opening: Opening | undefined;

  private media: CallMedia;
  private localEnd: OverReason | undefined;
  /** The user has hung up, whatever the server still has under way. */
  private leaving = false;
  private readonly updates = new Mutex();
  private readonly provisional: CallView;
  private members = new Map<string, Participant>();
  private settleReady: { resolve(call: Call): void; reject(error: JsapiError): void } | undefined;

  /** @internal */
  constructor(
    private readonly host: CallHost,
    origin: { opening: Opening } | { mirror: Mirror },
  ) {
    super();
    this.media = new CallMedia(host, this.mediaListener());
    if ('opening' in origin) {
      this.opening = origin.opening;
      this.localId = origin.opening.body.localId;
      this.provisional = provisionalView(origin.opening.body, host.viewer);
      this.ready = new Promise((resolve, reject) => (this.settleReady = { resolve, reject }));
      // An application that does not look at it hears `call:failed`.
      this.ready.catch(() => undefined);
    } else {
      this.mirror = origin.mirror;
      this.provisional = origin.mirror.view;
      this.ready = Promise.resolve(this);
    }
    this.refresh();
  }

  /** The server's id of the call; nothing before it has acknowledged. */
  get id(): string | undefined {
    return this.mirror?.view.id;
  }

  /** The chain that the call is in; nothing before it is known. */
  get chainId(): string | undefined {
    return this.mirror?.view.chainId ?? this.opening?.body.chainId;
  }

  /** Profile that has opened the call. */
  get from(): string {
    return this.view.from;
  }

  /** Profiles that were called; grows with `invite`. */
  get to(): readonly string[] {
    return this.view.to;
  }

  /** What may be sent in this call. */
  get options(): MediaKinds {
    return this.view.options;
  }

  /** Connection that has opened the call. */
  get connectionId(): string {
    return this.view.connectionId;
  }

  /** State of the call; `opening` until the server has acknowledged. */
  get state(): CallState | 'opening' {
    if (this.localEnd) return 'ended';
    return this.mirror ? this.mirror.view.state : 'opening';
  }

  /** What this connection is in the call. */
  get role(): Role {
    return this.mirror ? roleOf(this.mirror, this.host.viewer) : 'active initiator';
  }

  /** State of this connection in the call. */
  get connectionState(): LegState {
    return this.mirror ? legStateOf(this.mirror, this.host.viewer) : 'active';
  }

  /** Everybody in the call, its initiator first. */
  get participants(): Participant[] {
    return [...this.members.values()];
  }

  /** The own participant. */
  get me(): Participant | undefined {
    return this.participants.find(({ isMe }) => isMe);
  }

  /** The connection from which the own user is in, if from any. */
  get activeConnectionId(): string | undefined {
    return this.me?.activeConnectionId;
  }

  /** When it was opened, answered and ended; milliseconds since 1970 by the server's clock, for display. */
  get createdAt(): number | undefined {
    return this.mirror?.view.createdAt;
  }

  /** See {@link createdAt}. */
  get answeredAt(): number | undefined {
    return this.mirror?.view.answeredAt;
  }

  /** See {@link createdAt}. */
  get endedAt(): number | undefined {
    return this.mirror?.view.endedAt;
  }

  /** Why it has ended. */
  get endReason(): OverReason | undefined {
    return this.localEnd ?? this.mirror?.view.endReason;
  }

  /** Id of the call that this one took the place of. */
  get replaces(): string | undefined {
    return this.mirror?.view.replaces;
  }

  /** Id of the call that took the place of this one. */
  get replacedBy(): string | undefined {
    return this.mirror?.view.replacedBy;
  }

  /** Revision of what is known (SEQ-4). */
  get rev(): number {
    return this.mirror?.view.rev ?? 0;
  }

  /** Sends `call.init`, for a call that was made with `immediate: false`. */
  async init(): Promise<void> {
    if (this.state !== 'opening') throw this.wrongState();
    this.host.open(this);
    await this.ready;
  }

  /** Says that this device rings; needed with `autoRinging: false` only. */
  ringing(): Promise<void> {
    this.unable = false;
    return this.act('call.ringing', {});
  }

  /** Answers, or comes back. The devices are opened first; if that fails, nothing is sent (MED-3). */
  accept({ audio, video, holdOthers }: TakePartOptions = {}): Promise<void> {
    const media = this.allowed({ audio, video });
    return this.takePart('accept', media, () => this.act('call.accept', { media, ...(holdOthers && { holdOthers }) }));
  }

  /** Declines, on all of the user's devices. */
  reject(reason: 'declined' | 'busy' = 'declined'): Promise<void> {
    if (!this.isActive) this.media.leave();
    return this.act('call.reject', { reason });
  }

  /** Silences the call on all of the user's devices; others see it ring on. */
  ignore(): Promise<void> {
    if (!this.isActive) this.media.leave();
    return this.act('call.ignore', {});
  }

  /** Says that this device cannot take the call; the user's others ring on. */
  async unavailable(reason: 'no_media' | 'busy' | 'unsupported' = 'no_media'): Promise<void> {
    this.unable = true;
    await this.act('call.unavailable', { reason }).catch((error: unknown) => {
      this.unable = false;
      throw error;
    });
    if (!this.mirror || !['invited', 'ringing'].includes(this.connectionState)) return;
    // Nobody is told of it (8.1), this connection neither.
    const leg = { id: this.host.viewer.connectionId, role: this.role, state: 'passive' } as const;
    this.take({ ...this.mirror, view: withLeg(this.mirror.view, this.host.viewer, leg) });
  }

  /** Leaves. Before an answer the initiator's hang-up cancels; an undecided receiver's declines. */
  async hangup(): Promise<void> {
    if (this.state === 'ended') return;
    if (this.mirror && this.me && isUndecided(this.me.state)) return this.reject();
    this.leaving = true;
    if (this.isActive) this.media.leave();
    if (!this.mirror) return this.host.abandon(this);
    await this.act('call.hangup', { connectionId: this.host.viewer.connectionId }).catch((error: JsapiError) => {
      // A kept hang-up may come after everything about the call is forgotten (SEQ-9).
      if (error.name === 'not_found') return;
      this.leaving = false;
      throw error;
    });
  }

  /** Takes the call over from another device of the user (HAND-1). The devices are opened first. */
  activate({ audio, video, holdOthers }: TakePartOptions = {}): Promise<void> {
    const media = this.allowed({ audio, video });
    return this.takePart('activate', media, () => {
      const expect = this.activeConnectionId;
      if (expect === undefined) throw this.wrongState();
      return this.act('call.activate', { expect, media, ...(holdOthers && { holdOthers }) });
    });
  }

  /** Holds the call: nothing is forwarded to or from this participant. */
  hold(): Promise<void> {
    return this.act('call.hold', {});
  }

  /** Ends the hold. */
  resume({ holdOthers }: Pick<TakePartOptions, 'holdOthers'> = {}): Promise<void> {
    return this.act('call.resume', { ...(holdOthers && { holdOthers }) });
  }

  /**
   * Changes what this device publishes (MED-6); video in a call without it is allowed for all then. A kind that is not
   * named stays as it is, and is not interrupted. What is switched off is not heard or seen from now on; its device is
   * released when the server knows.
   */
  update({ audio, video }: SomeMedia): Promise<void> {
    const release = this.media.silence({ audio: audio ?? true, video: video ?? true });
    // Once it is done the devices that it silenced are stopped, and what a later change opens is heard.
    return this.updates.run(() => this.change({ audio, video })).finally(release);
  }

  /** Calls more profiles into the call, or some again (GRP-5). */
  invite(profileIds: string | string[]): Promise<void> {
    return this.act('call.invite', { profileIds: [profileIds].flat() });
  }

  /** Removes a participant; as the initiator only (GRP-6). */
  remove(profileId: string): Promise<void> {
    return this.act('call.remove', { profileId });
  }

  /** @internal Takes what is known now. {@link tell} tells the listeners. */
  take(mirror: Mirror): void {
    const nowOver = mirror.over !== undefined && this.mirror?.over === undefined;
    const ended = mirror.view.state === 'ended';
    // Another invitation is asked of it anew (GRP-5).
    if (mirror.over !== this.mirror?.over) this.unable = false;
    this.mirror = mirror;
    this.refresh();
    if (nowOver) this.announced = false;
    // Who is out already may be on the way back (GRP-4).
    if (nowOver || this.isActive) this.pendingAction = undefined;
    if (ended || !(this.isActive || this.pendingAction)) this.media.leave();
    if (ended) this.clear();
  }

  /** @internal Emits what has happened. */
  tell(all: News[]): void {
    for (const participant of this.participants) participant.flush();
    for (const { name, args } of all) this.say(name, ...(args as never));
  }

  /** @internal Emits one event, on `JSAPI` and here. */
  say<Name extends keyof ShortCallEvents>(name: Name, ...args: ShortCallEvents[Name]): void {
    if (name !== 'state') this.host.announce(this, name, args);
    this.emit(name, ...(args as never));
    if (name !== 'state') this.emit(`call:${name}` as keyof CallEvents, ...(args as never));
  }

  /** @internal The server has acknowledged the call, as the one that `call` is now. */
  acknowledge(call: Call): void {
    this.settleReady?.resolve(call);
    this.settleReady = undefined;
  }

  /** @internal Starts devices while the call is being opened; without them it is given up (MED-3). */
  async prepare(): Promise<void> {
    try {
      await this.media.open(this.options);
    } catch (error) {
      const answered = this.state === 'active';
      if (answered) return this.host.warn(`no devices for an answered call: ${String(error)}`);
      this.error = error as JsapiError;
      await this.hangup().catch(() => undefined);
    }
  }

  /** @internal Is answered next on this connection, in place of a call opened here (GLR-1). */
  async inherit(opened: Call): Promise<void> {
    this.pendingAction = 'accept';
    this.leaving = false;
    const { audio, video } = opened.options;
    await this.media.inherit(opened.media, this.allowed({ audio, video })).catch((error: unknown) => {
      this.host.warn(`no devices for a merged call: ${String(error)}`);
    });
  }

  /** @internal Goes on with the media that were joined in an object of this call that the application never saw. */
  succeed(unseen: Call): void {
    if (unseen === this || !unseen.media.joined) return;
    [this.media, unseen.media] = [unseen.media, this.media];
    for (const call of [this, unseen]) call.media.reportTo(call.mediaListener());
    for (const { id, stream } of unseen.participants) this.members.get(id)?.setStream(stream);
    unseen.media.leave();
  }

  /** @internal What the server has told is of another call from now on, which is answered on this connection (GLR-5). */
  rebind(mirror?: Mirror): void {
    this.pendingAction = 'accept';
    this.mirror = undefined;
    if (mirror) this.take(mirror);
  }

  /** @internal Media has been issued for this connection. */
  join(media: CallMediaNews): void {
    const { me } = this;
    if (me && this.isActive && !this.leaving) void this.media.join(media, me.id);
  }

  /** @internal Ends an object that the server knows nothing of (any more). */
  endLocally(reason: OverReason, error?: JsapiError): void {
    if (this.state === 'ended') return;
    this.localEnd = reason;
    this.error ??= error;
    this.media.leave();
    this.clear();
    this.settleReady?.reject(error ?? new JsapiError('call_ended', `The call is over: ${reason}`));
    this.settleReady = undefined;
    if (error) this.say('failed', error);
    this.say('state', 'ended');
    this.say('end', reason);
  }

  private get view(): CallView {
    return this.mirror?.view ?? this.provisional;
  }

  private get isActive(): boolean {
    return this.role.startsWith('active');
  }

  private refresh(): void {
    const { viewer } = this.host;
    const me = ownParticipant(this.view, viewer)?.id;
    const member = (view: ParticipantView): [string, Participant] => {
      const known = this.members.get(view.id);
      known?.update(view);
      return [view.id, known ?? new Participant(view, view.id === me, this.participantHost())];
    };
    this.members = new Map(this.view.participants.map(member));
  }

  private participantHost(): ParticipantHost {
    const { browser, playback } = this.host;
    return { browser, playback, remove: (profileId) => this.remove(profileId) };
  }

  private mediaListener() {
    return {
      localStream: (stream: MediaStream | undefined) => this.me?.setStream(stream),
      remoteStream: (stream: MediaStream, profileId: string | undefined) =>
        this.publisher(profileId)?.setStream(stream),
      remoteStreamGone: (stream: MediaStream) =>
        this.participants.find((one) => one.stream === stream)?.setStream(undefined),
      mediaFailed: (error: unknown) => this.host.warn(`media of call ${this.id}: ${String(error)}`),
    };
  }

  // Whose stream it is, is said by its publisher; where there is only one other, by nobody.
  private publisher(profileId: string | undefined): Participant | undefined {
    const others = this.participants.filter(({ isMe }) => !isMe);
    return others.length === 1 ? others[0] : others.find(({ id }) => id === profileId);
  }

  private allowed({ audio = true, video = true }: SomeMedia): MediaKinds {
    return { audio: audio && this.options.audio, video: video && this.options.video };
  }

  private async takePart(action: 'accept' | 'activate', media: MediaKinds, send: () => Promise<void>): Promise<void> {
    if (this.pendingAction) throw this.wrongState();
    this.checkLive();
    this.pendingAction = action;
    this.leaving = false;
    try {
      await this.media.open(media);
      this.checkLive();
      await send();
    } finally {
      this.pendingAction = undefined;
      if (!this.isActive) this.media.leave();
    }
  }

  private async change({ audio, video }: SomeMedia): Promise<void> {
    const now = this.me?.media ?? { audio: false, video: false };
    const media = { audio: audio ?? now.audio, video: video ?? now.video };
    // What is not named stays as it is, also where its device could not be opened before.
    const wanted = { audio: audio ?? false, video: video ?? false };
    if (!this.isActive || this.leaving) throw this.wrongState();
    const isLeft = this.media.departure();
    try {
      await this.media.open(wanted);
      await this.act('call.update', { media });
    } catch (error) {
      await this.media.restrict(now);
      throw error;
    }
    if (!isLeft()) await this.media.publish(media, wanted, this.me?.id ?? '');
  }

  private async act<Type extends CommandType>(type: Type, body: Omit<ClientBodies[Type], 'callId'>): Promise<void> {
    const callId = this.id;
    if (callId === undefined || this.localEnd) throw this.wrongState();
    try {
      await this.host.send(type, { callId, ...body } as unknown as ClientBodies[Type]);
    } catch (error) {
      if (error instanceof JsapiError && this.differs(error)) this.host.sync(this);
      throw error;
    }
  }

  // Refusals that tell news (9.3), of which the messages should have told already.
  private differs({ name, details }: JsapiError): boolean {
    if (name === 'call_ended') return this.state !== 'ended';
    if (name === 'already_accepted') return details.connectionId !== this.activeConnectionId;
    return name === 'conflict' && details.connectionId !== this.activeConnectionId;
  }

  private checkLive(): void {
    if (this.state !== 'ended') return;
    throw new JsapiError('call_ended', 'The call is over', { endReason: this.endReason });
  }

  private wrongState(): JsapiError {
    return new JsapiError('wrong_state', `Not in state ${this.state}`, { state: this.me?.state ?? this.state });
  }

  private clear(): void {
    for (const participant of this.participants) participant.clear();
  }
}
