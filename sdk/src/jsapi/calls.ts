import { Call, type CallHost } from './call.js';
import {
  endedBy,
  legStateOf,
  pending,
  receive,
  roleOf,
  type CallMessage,
  type Mirror,
  type Whole,
} from './call_mirror.js';
import { news, type News } from './call_news.js';
import { isIn, isUndecided, ownParticipant } from './call_view.js';
import { JsapiError, type JsapiErrorName } from './errors.js';
import type { Arrived } from './link.js';
import type { CallOpened, CallRecord, ClientBodies, EndReason, ServerBodies } from './messages.js';
import type { Opening } from './opening.js';
import type { Request } from './transport.js';

/** What {@link Calls} work with, beside what each call does. */
export interface CallsHost extends Omit<CallHost, 'open' | 'abandon' | 'sync'> {
  readonly autoRinging: boolean;
  request(type: 'call.init', body: Opening['body']): Request<'call.init'>;
  cancel(ticket: number): boolean;
  /** The call is known to have ended (SEQ-9). */
  forget(callId: string): void;
}

// A loser of a crossing ends before the winner comes to its connection (GLR-4); from there it is one hop to here.
const kCrossingWait = 5_000;

// Where the server does not say when to try again.
const kInsistence = 1_000;

/** What is said without the application's asking for it. */
type Automatic = 'call.pending' | 'call.ringing' | 'call.sync';

// The call went on, or ended, while a message about its beginning was on its way.
const kOvertaken: JsapiErrorName[] = ['wrong_state', 'call_ended'];

/** All calls of this connection: which message is whose, and what the application is told of it (RCV-1 to RCV-6). */
export class Calls {
  private readonly host: CallHost;
  private readonly known = new Map<string, Call>();
  /** Opened here, and not acknowledged; by local id. */
  private readonly opened = new Map<string, Call>();
  private readonly tickets = new Map<Call, number>();
  /** Calls of which nothing but their state was asked for. */
  private readonly asked = new Set<string>();
  /** Ended calls that gave way to one that is not known yet, by its id. */
  private readonly givenWay = new Map<string, Call>();
  /** Opened calls that became the answer to one that is not known yet (GLR-1). */
  private readonly merging = new Map<string, Call>();
  private readonly crossings = new Map<Call, ReturnType<typeof setTimeout>>();
  private readonly pauses = new Set<ReturnType<typeof setTimeout>>();
  /** Whether what comes now is told at once, or at `sync.done` (RCV-6). */
  private telling = true;
  private readonly missed: (() => void)[] = [];
  /** Calls that the snapshot has told of, and why others have ended. */
  private readonly told = new Set<string>();
  private readonly ended = new Map<string, EndReason>();

  constructor(private readonly outside: CallsHost) {
    // What is outside stays where it is, as it changes: a call gets that, and what is done here.
    this.host = Object.assign(Object.create(outside) as CallsHost, {
      open: (call: Call) => this.send(call),
      abandon: (call: Call) => this.abandon(call),
      sync: (call: Call) => this.sync(call.id, call.rev),
    });
  }

  /** Calls that are not over, those that are being opened among them. */
  get live(): Call[] {
    const open = [...this.opened.values()].filter(({ state }) => state === 'opening');
    const known = [...this.known.values()].filter((call) => call.shown && call.mirror?.over !== 'removed');
    return [...known.filter(({ state }) => state !== 'ended'), ...open];
  }

  /** The call with this id, or with this local id. */
  get(id: string): Call | undefined {
    return this.known.get(id) ?? this.opened.get(id);
  }

  /** Makes the object of a call, and sends `call.init` unless it is to wait (OPEN-1, OPEN-6). */
  open(opening: Opening): Call {
    const call = new Call(this.host, { opening });
    call.shown = true;
    if (opening.immediate) this.send(call);
    return call;
  }

  /** Takes a message of a call; `live` unless it belongs to a replay or a snapshot. */
  receive(message: CallMessage, live: boolean): void {
    this.told.add(message.body.callId);
    this.telling = live;
    this.take(message);
    this.telling = true;
  }

  /** A call's record came from the log: if it was live here, it ended meanwhile. */
  handleRecord({ callId, endReason }: CallRecord): void {
    if (endReason) this.ended.set(callId, endReason);
  }

  /** Everything that was missed is known now; {@link tellMissed} tells it. */
  handleSynced(how: Arrived): void {
    if (how !== 'resumed') for (const call of [...this.known.values()]) this.endIfUntold(call);
    for (const call of this.known.values()) call.shown = true;
    // What was asked on the connection before is answered no more.
    if (how === 'renewed') for (const callId of this.merging.keys()) this.sync(callId, 0);
    this.told.clear();
    this.ended.clear();
    this.givenWay.clear();
  }

  /** Tells the application what it has missed, and handles each call once by its present state (RCV-6). */
  tellMissed(): void {
    for (const tell of this.missed.splice(0)) tell();
    for (const call of this.known.values()) this.greet(call, call.connectionState !== 'ringing');
  }

  /** A snapshot or a replay begins. */
  handleWelcome(): void {
    this.told.clear();
    this.asked.clear();
  }

  /** The connection is over: no call is known any more. */
  close(): void {
    for (const timer of this.crossings.values()) clearTimeout(timer);
    this.crossings.clear();
    for (const timer of this.pauses) clearTimeout(timer);
    this.pauses.clear();
    for (const call of [...this.opened.values(), ...this.known.values()]) {
      call.endLocally(call.role.startsWith('active') ? 'hangup' : 'lost');
    }
    for (const all of [this.opened, this.known, this.tickets, this.merging]) all.clear();
  }

  // ---- opening ----

  private send(call: Call): void {
    const { body } = call.opening ?? {};
    if (!body || this.tickets.has(call)) return;
    const { ticket, answer } = this.outside.request('call.init', body);
    this.opened.set(body.localId, call);
    this.tickets.set(call, ticket);
    answer.then(
      (result) => this.acknowledged(call, result),
      (error: JsapiError) => this.refused(call, error),
    );
    void call.prepare();
  }

  private acknowledged(call: Call, { callId, merged }: CallOpened): void {
    this.tickets.delete(call);
    if (call.state === 'ended') return this.forgetOpening(call);
    if (!call.mirror && merged) this.mergeInto(callId, call);
    else if (!call.mirror) this.bindAcknowledged(callId, call);
    // Its `call.init` is lost: the state that is asked for is bound like one.
    if (!call.mirror) {
      this.merging.set(callId, call);
      this.sync(callId, 0);
    }
    if (call.mirror) call.acknowledge(call);
  }

  // Sent again on a fresh connection, it was in the snapshot under no name of ours (SEQ-7, CON-6).
  private bindAcknowledged(callId: string, call: Call): void {
    const mirror = this.known.get(callId)?.mirror;
    if (!mirror) return;
    call.take(mirror);
    this.bound(callId, call);
    call.tell([news('state', mirror.view.state)]);
  }

  private refused(call: Call, error: JsapiError): void {
    this.forgetOpening(call);
    call.endLocally('failed', error);
  }

  // Never sent, it is as if it had not been; otherwise the hang-up has to wait for an id.
  private abandon(call: Call): void {
    const ticket = this.tickets.get(call);
    const isAcknowledged = [...this.merging.values()].includes(call);
    if (!isAcknowledged && (ticket === undefined || this.outside.cancel(ticket))) {
      this.forgetOpening(call);
      return call.endLocally('cancelled');
    }
    void call.ready.then(
      (bound) => bound.hangup().catch((error: unknown) => this.outside.warn(`hang-up: ${String(error)}`)),
      () => undefined,
    );
  }

  private forgetOpening(call: Call): void {
    this.tickets.delete(call);
    if (call.localId !== undefined) this.opened.delete(call.localId);
  }

  // ---- whose a message is ----

  private take(message: CallMessage): void {
    if (this.waitsForWinner(message)) return;
    const before = this.prepare(message);
    const call = this.known.get(message.body.callId);
    // Of a call that is over and unknown, there is nothing to tell.
    if (!call && (message.type === 'call.end' || isOver(message))) return;
    const result = receive(call?.mirror, message, this.host.viewer);
    if (result.sync !== undefined) this.sync(message.body.callId, result.sync);
    if (!result.mirror) return;
    const all = [...before, ...result.news];
    this.apply(message, call ?? this.adopt(result.mirror), result.mirror, all);
    if (result.media) this.known.get(message.body.callId)?.join(result.media);
  }

  // Binds objects that the message is about. Returns what is to be told of that first.
  private prepare(message: CallMessage): News[] {
    const { callId } = message.body;
    if (message.type === 'call.init') {
      const { localId, replaces } = message.body;
      if (localId !== undefined) this.bind(callId, this.opened.get(localId));
      if (replaces !== undefined) return this.crossed(callId, this.known.get(replaces));
    }
    if (message.type === 'call.accept' && message.body.localId !== undefined) {
      const opened = this.opened.get(message.body.localId);
      if (opened && !opened.mirror) this.mergeInto(callId, opened);
    }
    const merging = message.type === 'call.state' && this.merging.get(callId);
    if (!merging) return [];
    this.merging.delete(callId);
    this.bind(callId, merging);
    const { call } = message.body;
    const me = ownParticipant(call, this.host.viewer);
    if (call.from === merging.from || !me || !isIn(me.state)) return [];
    return [news('accepted', me.id, me.activeConnectionId ?? '')];
  }

  private bind(callId: string, opened: Call | undefined): void {
    if (!opened || opened.mirror || opened.state === 'ended') return;
    this.place(callId, opened);
  }

  private place(callId: string, call: Call): void {
    const unseen = this.known.get(callId);
    this.known.set(callId, call);
    if (unseen) call.succeed(unseen);
  }

  // GLR-1: the opened call became the answer to another.
  private mergeInto(callId: string, opened: Call): void {
    const existing = this.known.get(callId);
    if (existing?.shown) {
      this.forgetOpening(opened);
      opened.acknowledge(existing);
      void existing.inherit(opened);
      return this.replace(opened, existing, 'merged');
    }
    if (existing) opened.rebind(existing.mirror);
    if (existing) this.bound(callId, opened);
    else this.merging.set(callId, opened);
  }

  private bound(callId: string, opened: Call): void {
    this.place(callId, opened);
    this.forgetOpening(opened);
    opened.acknowledge(opened);
  }

  // GLR-5: the own call lost to this one.
  private crossed(callId: string, loser: Call | undefined): News[] {
    if (!loser || loser.connectionId !== this.host.viewer.connectionId) return [];
    clearTimeout(this.crossings.get(loser));
    this.crossings.delete(loser);
    this.known.delete(loser.id ?? '');
    const winner = this.known.get(callId);
    if (winner?.shown) {
      void winner.inherit(loser);
      this.replace(loser, winner, 'glare');
      return [];
    }
    loser.rebind();
    this.known.set(callId, loser);
    this.tell(() => loser.say('replaced', loser));
    return [];
  }

  private replace(call: Call, by: Call, reason: 'merged' | 'glare'): void {
    this.tell(() => {
      call.say('replaced', by);
      call.endLocally(reason);
    });
  }

  private tell(what: () => void): void {
    if (this.telling) what();
    else this.missed.push(what);
  }

  private waitsForWinner(message: CallMessage): boolean {
    if (message.type !== 'call.end' || message.body.endReason !== 'glare') return false;
    const { callId, replacedBy } = message.body;
    const call = this.known.get(callId);
    const here = call?.connectionId === this.host.viewer.connectionId;
    if (!call || !here || replacedBy === undefined || this.known.get(replacedBy)?.shown) return false;
    const giveUp = () => {
      this.crossings.delete(call);
      if (call.mirror) call.tell(this.end(call, call.mirror, 'glare'));
    };
    this.crossings.set(call, setTimeout(giveUp, kCrossingWait));
    return true;
  }

  private adopt(mirror: Mirror): Call {
    const call = new Call(this.host, { mirror });
    this.known.set(mirror.view.id, call);
    return call;
  }

  // ---- what becomes of it ----

  private apply(message: CallMessage, call: Call, mirror: Mirror, all: News[]): void {
    const opening = call.mirror === undefined;
    const before = opening ? call.state : undefined;
    call.take(mirror);
    if (message.type === 'call.init') call.invited = true;
    if (opening) this.bound(mirror.view.id, call);
    if (before !== undefined && before !== call.state) all.push(news('state', mirror.view.state));
    // A change that ends a known call is among the news.
    if (opening && mirror.over) all.push(news('end', mirror.over));
    const yielded = this.givenWay.get(mirror.view.id);
    this.givenWay.delete(mirror.view.id);
    if (yielded) this.tell(() => yielded.say('replaced', call));
    if (this.telling || call.shown) this.tell(() => call.tell(all));
    if (this.telling && message.type === 'call.init' && message.body.replaces === undefined) this.greet(call, true);
    // Told by its state alone, it is nothing that the application knows (GLR-1).
    if (this.telling && message.type === 'call.init') call.shown = true;
    if (message.type === 'call.end') this.gone(call, message.body);
    else if (mirror.view.state === 'ended') this.drop(call);
  }

  private gone(call: Call, { replacedBy }: ServerBodies['call.end']): void {
    const successor = replacedBy === undefined ? undefined : this.known.get(replacedBy);
    if (successor && call.shown) this.tell(() => call.say('replaced', successor));
    else if (replacedBy !== undefined && call.shown) this.givenWay.set(replacedBy, call);
    this.drop(call);
  }

  private drop(call: Call): void {
    const { id } = call;
    if (id === undefined) return;
    this.known.delete(id);
    this.outside.forget(id);
  }

  // RCV-3 and RCV-4.
  private greet(call: Call, ring: boolean): void {
    const { mirror } = call;
    if (!mirror || !call.invited || mirror.over) return;
    const { viewer } = this.host;
    const callId = mirror.view.id;
    const leg = legStateOf(mirror, viewer);
    if (roleOf(mirror, viewer) === 'passive initiator' && leg === 'invited') {
      call.take(pending(mirror, viewer));
      this.say('call.pending', callId);
    }
    if (!this.rings(mirror)) return;
    if (ring && this.outside.autoRinging && !call.unable) this.say('call.ringing', callId);
    if (call.announced) return;
    call.announced = true;
    call.shown = true;
    call.say('received');
  }

  private rings(mirror: Mirror): boolean {
    const { viewer } = this.host;
    const state = ownParticipant(mirror.view, viewer)?.state;
    if (roleOf(mirror, viewer) !== 'receiver' || state === undefined || !isUndecided(state)) return false;
    return ['invited', 'ringing'].includes(legStateOf(mirror, viewer));
  }

  private say(type: 'call.pending' | 'call.ringing', callId: string): void {
    this.insist(type, { callId }).catch((error: JsapiError) => {
      if (!kOvertaken.includes(error.name)) this.outside.warn(`${type}: ${String(error)}`);
    });
  }

  // The application did not ask for these: that it said too much of its own does not take them from the call.
  private async insist<Type extends Automatic>(type: Type, body: ClientBodies[Type]): Promise<void> {
    for (;;) {
      try {
        await this.outside.send(type, body);
        return;
      } catch (error) {
        const { name, details } = error as JsapiError;
        if (name !== 'rate_limited') throw error;
        do await this.pause(details.retryAfterMs ?? kInsistence);
        while (this.isInDoubt(type, body.callId));
        if (!this.isDue(type, body.callId)) return;
      }
    }
  }

  // Whether it still is to be said, after a while.
  private isDue(type: Automatic, callId: string): boolean {
    const call = this.known.get(callId);
    if (type === 'call.ringing') return call?.mirror !== undefined && this.rings(call.mirror);
    return call !== undefined || this.merging.has(callId);
  }

  // That this device cannot take the call may be refused as well: then it rings after all.
  private isInDoubt(type: Automatic, callId: string): boolean {
    return type === 'call.ringing' && this.isDue(type, callId) && this.known.get(callId)?.unable === true;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.pauses.delete(timer);
        resolve();
      }, ms);
      this.pauses.add(timer);
    });
  }

  private sync(callId: string | undefined, rev: number): void {
    if (callId === undefined || this.asked.has(callId)) return;
    this.asked.add(callId);
    this.insist('call.sync', { callId, rev })
      .catch((error: JsapiError) => this.untold(callId, error))
      .finally(() => this.asked.delete(callId));
  }

  private untold(callId: string, error: JsapiError): void {
    this.outside.warn(`call.sync: ${String(error)}`);
    const opened = this.merging.get(callId);
    // On another connection it is asked again; here nothing more is told of it.
    if (!opened || error.name === 'not_connected') return;
    this.merging.delete(callId);
    this.forgetOpening(opened);
    opened.endLocally('lost');
  }

  private endIfUntold(call: Call): void {
    const { id, mirror } = call;
    if (id === undefined || !mirror || this.told.has(id)) return;
    // Who was removed is told no more, whatever became of it.
    if (mirror.over === 'removed') return this.drop(call);
    const all = this.end(call, mirror, this.ended.get(id) ?? 'lost');
    if (call.shown) this.missed.push(() => call.tell(all));
  }

  private end(call: Call, mirror: Mirror, reason: EndReason): News[] {
    const result = endedBy(mirror, reason, this.host.viewer);
    if (result.mirror) call.take(result.mirror);
    this.drop(call);
    return result.news;
  }
}

function isOver(message: CallMessage): boolean {
  return 'call' in message.body && (message as Whole).body.call.state === 'ended';
}
