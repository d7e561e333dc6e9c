import type { Call, Jsapi } from '@crosspoint/client';
import { announce, h, toast } from '../dom';
import { icon } from '../icons';
import { Actions } from './actions';
import { Book } from './book';
import { CallBar } from './call_bar';
import { tellCalls } from './call_events';
import { Chat } from './chat';
import { Conversations } from './conversations';
import { IncomingSheet } from './incoming';
import { Ringer } from './ringer';
import type { Person } from './server';
import { Sidebar } from './sidebar';
import { Stage } from './stage';
import { othersIn, standingOf } from './standing';
import { clock, errorWords } from './words';

const kTitle = 'People – Crosspoint';

/** The page of somebody who is signed in. */
export class PeoplePage {
  readonly element: HTMLElement;
  private readonly book: Book;
  private readonly conversations: Conversations;
  private readonly actions: Actions;
  private readonly sidebar: Sidebar;
  private readonly callBar: CallBar;
  private readonly sheet: IncomingSheet;
  private readonly ringer = new Ringer();
  private readonly banner = h('div', { class: 'banner', role: 'status', hidden: true });
  private readonly main = h('main', { class: 'pane' });
  private readonly offs: (() => void)[];
  private readonly timer = setInterval(() => this.update(), 1_000);
  /** Live calls that the conversations know of, with their chains. */
  private readonly live = new Map<Call, string>();
  /** Of the live calls that were looked at; they play what is heard. */
  private readonly stages = new Map<Call, Stage>();
  private chat: Chat | undefined;
  /** The one that is looked at. */
  private stage: Stage | undefined;
  private devices = 1;
  private scheduled = false;
  private closed = false;

  constructor(
    private readonly jsapi: Jsapi,
    me: Person,
    private readonly signOut: () => void,
  ) {
    const changed = () => this.schedule();
    this.book = new Book(me, changed);
    this.conversations = new Conversations(jsapi, me.profileId, changed, (error) => toast(errorWords(error)));
    this.actions = new Actions(jsapi, this.book, this.conversations, {
      changed,
      entering: (call) => this.showStage(call),
    });
    this.sidebar = new Sidebar(this.book, this.conversations, {
      opened: (contact) => this.openChat(contact),
      dndChosen: (on) => void this.setDnd(on),
      signedOut: () => {
        this.close();
        this.signOut();
      },
    });
    this.callBar = new CallBar(this.book, this.actions, (call) => this.showStage(call));
    this.sheet = new IncomingSheet(this.book, this.actions);
    const column = h('div', { class: 'column' }, this.banner, this.callBar.element, this.main);
    this.element = h('div', { class: 'people-page' }, this.sidebar.element, column, this.sheet.element);
    this.offs = this.listen();
    this.openNothing();
  }

  /** Connects and reads what there is; whatever is lost later comes back by itself. */
  async enter(connect: () => Promise<void>): Promise<void> {
    this.warn('Connecting…');
    await Promise.all([connect(), this.book.refresh()]);
    this.warn('');
    await this.load();
    const current = this.jsapi.calls.find((call) => standingOf(call) === 'current');
    if (current) this.showStage(current);
    this.schedule();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    for (const off of this.offs) off();
    for (const stage of this.stages.values()) stage.close();
    this.ringer.set(undefined);
    this.book.close();
    document.title = kTitle;
    document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  }

  private listen(): (() => void)[] {
    const { jsapi } = this;
    const seen = () => this.schedule();
    document.addEventListener('visibilitychange', seen);
    window.addEventListener('storage', seen);
    return [
      () => document.removeEventListener('visibilitychange', seen),
      () => window.removeEventListener('storage', seen),
      this.conversations.listen(),
      tellCalls(jsapi, this.book, this.actions, seen),
      jsapi.on('call:replaced', (call, by) => call === this.stage?.call && this.showStage(by)),
      jsapi.on('reconnecting', () => this.warn('Connection lost. Reconnecting…')),
      jsapi.on('reconnected', (resumed) => {
        this.warn('');
        announce('Connected again');
        if (!resumed) void this.load();
      }),
      jsapi.on('text:received', ({ sender, content }) => {
        // What is filled anew with each change would be read out as a whole.
        if (jsapi.state === 'connected' && sender !== this.book.me.profileId)
          announce(`${this.book.nameOf(sender)}: ${content.text}`);
      }),
      jsapi.on('auth:multiconnection', (count) => {
        this.devices = count;
        this.schedule();
      }),
    ];
  }

  private async load(): Promise<void> {
    await this.conversations.load().catch((error: unknown) => toast(errorWords(error)));
  }

  private async setDnd(dnd: boolean): Promise<void> {
    const { profileId } = this.book.me;
    await this.jsapi.setProfile(profileId, { dnd }).catch((error: unknown) => toast(errorWords(error)));
    this.schedule();
  }

  // Several events in a row are shown at once.
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      if (!this.closed) this.update();
    });
  }

  private update(): void {
    const { calls, profiles } = this.jsapi;
    this.followChains(calls);
    this.leaveEnded();
    const incoming = calls.filter((call) => standingOf(call) === 'incoming');
    const shown = this.stage?.call;
    const rest = calls.filter((call) => !incoming.includes(call) && call !== shown);
    const dnd = profiles.getAt(0)?.dnd ?? false;
    this.sidebar.update({ devices: this.devices, dnd }, this.shownContact(), talkingTo(calls));
    this.callBar.update(rest);
    this.sheet.update(incoming, calls);
    this.chat?.update(this.callWith(this.chat.contact));
    // Also those that are not looked at: somebody who joins has to be heard.
    for (const stage of this.stages.values()) stage.update();
    this.ring(incoming, calls);
    this.readOpenChat();
    this.showTitle(incoming);
    const now = Date.now();
    for (const element of document.querySelectorAll<HTMLElement>('[data-since]'))
      element.textContent = clock(now - Number(element.dataset['since']));
  }

  private ring(incoming: Call[], calls: Call[]): void {
    const rings = incoming.some((call) => !call.pendingAction);
    const current = calls.find((call) => standingOf(call) === 'current');
    const calling = current?.from === this.book.me.profileId && ['init', 'ringing'].includes(current.state);
    if (rings) this.ringer.set(current ? 'waiting' : 'incoming');
    else this.ringer.set(calling ? 'outgoing' : undefined);
  }

  // A call is in the history from its beginning on; how it ended, from its end on.
  private followChains(calls: Call[]): void {
    for (const call of calls) {
      if (call.chainId === undefined || call.id === undefined || this.live.has(call)) continue;
      this.live.set(call, call.chainId);
      this.loadChain(call.chainId);
    }
    for (const [call, chainId] of this.live) {
      if (calls.includes(call)) continue;
      this.live.delete(call);
      this.loadChain(chainId);
    }
  }

  private loadChain(chainId: string): void {
    // What fails now is read with the rest when the connection is back.
    this.conversations.loadChain(chainId).catch(() => undefined);
  }

  private leaveEnded(): void {
    for (const [call, stage] of this.stages) {
      const left = standingOf(call) === 'aside' && this.actions.hasLeft(call);
      if (call.state !== 'ended' && !left) continue;
      if (stage === this.stage) this.leaveStage();
      this.stages.delete(call);
      stage.close();
    }
  }

  private callWith(contact: string): Call | undefined {
    return this.jsapi.calls.find((call) => standingOf(call) !== 'incoming' && othersIn(call).includes(contact));
  }

  private readOpenChat(): void {
    if (this.chat && !this.stage && document.visibilityState === 'visible')
      this.conversations.markRead(this.chat.contact);
  }

  private showTitle(incoming: Call[]): void {
    const caller = incoming[0] && this.book.nameOf(incoming[0].from);
    const unread = this.book.others.reduce((sum, { profileId }) => sum + this.conversations.unread(profileId), 0);
    const title = `${unread > 0 ? `(${unread}) ` : ''}${this.book.me.name} – Crosspoint`;
    document.title = caller ? `${caller} is calling…` : title;
  }

  private warn(text: string): void {
    this.banner.replaceChildren(text ? h('span', { class: 'spinner small' }) : '', text);
    this.banner.hidden = text === '';
  }

  // ---- what the main pane shows ----

  private openChat(contact: string): void {
    const { book, conversations, actions } = this;
    const listener = { left: () => this.openNothing(), shown: (call: Call) => this.showStage(call) };
    if (this.chat?.contact !== contact) this.chat = new Chat(contact, book, conversations, actions, listener);
    this.showPane('chat', this.chat.element);
    this.chat.update(this.callWith(contact));
    this.chat.toEnd();
    // On a touch screen, that would open the keyboard.
    if (matchMedia('(pointer: fine)').matches) this.chat.focus();
    this.schedule();
  }

  private showStage(call: Call): void {
    if (call.state === 'ended') return;
    const stage = this.stages.get(call) ?? this.newStage(call);
    this.stages.set(call, stage);
    this.showPane('call', stage.element);
    this.stage = stage;
    stage.update();
    if (!(document.activeElement instanceof HTMLTextAreaElement)) stage.focus();
    this.schedule();
  }

  private newStage(call: Call): Stage {
    const { book, actions } = this;
    return new Stage(call, () => this.jsapi.connectionId, book, actions, { left: () => this.leaveStage() });
  }

  private leaveStage(): void {
    const contact = this.stage && this.counterpart(this.stage.call);
    if (contact !== undefined) this.openChat(contact);
  }

  private openNothing(): void {
    this.chat = undefined;
    const empty = h(
      'div',
      { class: 'empty' },
      h('span', { class: 'empty-mark' }, icon('chat')),
      h('strong', {}, 'Choose somebody'),
      h('span', { class: 'muted' }, 'Write a message, or call. Sign in on another tab as somebody else to answer.'),
    );
    this.showPane('nothing', empty);
    this.schedule();
  }

  private showPane(pane: 'nothing' | 'chat' | 'call', view: HTMLElement): void {
    this.element.dataset['pane'] = pane;
    if (this.main.firstElementChild === view) return;
    // Out of the page, a call would not be heard any more.
    if (this.stage) document.querySelector('#renders')!.append(this.stage.element);
    this.stage = undefined;
    this.main.replaceChildren(view);
  }

  private shownContact(): string | undefined {
    return this.stage ? this.counterpart(this.stage.call) : this.chat?.contact;
  }

  /** The one in whose conversation a call stands. */
  private counterpart(call: Call): string | undefined {
    return call.from === this.book.me.profileId ? call.to[0] : call.from;
  }
}

/** Those with whom this user is in a call, on whatever device. */
function talkingTo(calls: Call[]): string[] {
  const answered = calls.filter((call) => call.state === 'active' && standingOf(call) !== 'aside');
  const others = answered.flatMap(({ participants }) => participants.filter(({ isMe }) => !isMe));
  return others.filter(({ state }) => state === 'active' || state === 'reconnecting').map(({ id }) => id);
}
