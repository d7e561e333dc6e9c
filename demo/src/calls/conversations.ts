import { TextMessage, type CallInChain, type HistoryPage, type Jsapi } from '@crosspoint/client';
import { ReadMarks } from './read_marks';
import { isMissed } from './words';

/** A text of a conversation. */
export interface TextItem {
  kind: 'text';
  /** Stays the same while it is sent. */
  key: string;
  at: number;
  message: TextMessage;
  state: 'sending' | 'sent' | 'failed';
  /** Why it was not taken. */
  problem?: unknown;
}

/** A call of a conversation. */
export interface CallItem {
  kind: 'call';
  key: string;
  at: number;
  call: CallInChain;
}

export type Item = TextItem | CallItem;

const kPage = 30;
// As many questions as may be asked at once.
const kChains = 40;

/** What was written and called between oneself and each of the others, from all chains. */
export class Conversations {
  private readonly items = new Map<string, Item>();
  /** Where the history of each chain goes on, if it does. */
  private readonly earlier = new Map<string, number>();
  private readonly marks: ReadMarks;
  private sending: Promise<unknown> = Promise.resolve();
  private drafts = 0;

  /**
   * @param changed is told when there is something else to show.
   * @param failed is told of what cannot be sent at all.
   */
  constructor(
    private readonly jsapi: Jsapi,
    private readonly me: string,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
  ) {
    this.marks = new ReadMarks(me);
  }

  /** Listens to what comes. @returns a function that ends it. */
  listen(): () => void {
    const offs = [
      this.jsapi.on('text:received', (message) => this.take(message)),
      this.jsapi.on('text:edited', (message) => this.take(message)),
      this.jsapi.on('text:removed', (id) => this.erased(id)),
    ];
    return () => offs.forEach((off) => off());
  }

  /** Reads the newest of every chain. */
  async load(): Promise<void> {
    const { chains } = await this.jsapi.getChains(this.me, { limit: kChains });
    await Promise.all(chains.map(({ chainId }) => this.loadChain(chainId)));
  }

  /** Reads the newest of one chain, as when a call in it has begun or ended. */
  async loadChain(chainId: string): Promise<void> {
    const page = await this.jsapi.getHistory(chainId, { limit: kPage });
    if (!this.earlier.has(chainId)) this.goesOn(chainId, page);
    this.add(page);
  }

  /** Everything between oneself and somebody, oldest first; what is being sent comes last. */
  with(contact: string): Item[] {
    const items = [...this.items.values()].filter((item) => this.counterpart(item) === contact);
    return items.sort((one, other) => Number(isDraft(one)) - Number(isDraft(other)) || one.at - other.at);
  }

  /** The newest item with somebody. */
  latest(contact: string): Item | undefined {
    return this.with(contact).at(-1);
  }

  hasEarlier(contact: string): boolean {
    return this.chainsWith(contact).some((chainId) => this.earlier.has(chainId));
  }

  /** Reads on until there is something that was not known. */
  async loadEarlier(contact: string): Promise<void> {
    const known = this.with(contact).length;
    while (this.hasEarlier(contact) && this.with(contact).length === known) await this.loadPages(contact);
    this.changed();
  }

  /** The chain that a message to this one goes into: the newest of just the two. */
  chainWith(contact: string): string | undefined {
    const between = this.with(contact).filter((item) => peers(item).every((id) => id === contact || id === this.me));
    const item = between.reverse().find((one) => chainOf(one) !== undefined);
    return item && chainOf(item);
  }

  /** Sends a text. After the first one the next waits, so that both go into one chain. */
  send(contact: string, text: string): void {
    this.sending = this.sending.then(() => this.sendNow(contact, text)).catch(this.failed);
  }

  /** Sends a text again that was not taken. */
  resend(item: TextItem, contact: string): void {
    this.items.delete(item.key);
    this.send(contact, item.message.content.text);
  }

  /** Number of texts and missed calls that were not looked at yet. */
  unread(contact: string): number {
    const since = this.marks.get(contact);
    return this.with(contact).filter((item) => this.wantsReading(item) && knownAt(item) > since).length;
  }

  markRead(contact: string): void {
    const newest = Math.max(0, ...this.with(contact).map(knownAt));
    if (this.marks.set(contact, newest)) this.changed();
  }

  /** What is shown has changed in another way. */
  touched(): void {
    this.changed();
  }

  isOwn(item: Item): boolean {
    return senderOf(item) === this.me;
  }

  private async loadPages(contact: string): Promise<void> {
    const chains = this.chainsWith(contact).filter((chainId) => this.earlier.has(chainId));
    await Promise.all(
      chains.map(async (chainId) => {
        const page = await this.jsapi.getHistory(chainId, { before: this.earlier.get(chainId), limit: kPage });
        this.goesOn(chainId, page);
        this.add(page);
      }),
    );
  }

  // Settles when the next text may go.
  private async sendNow(contact: string, text: string): Promise<void> {
    const key = `draft ${(this.drafts += 1)}`;
    const chainId = this.chainWith(contact);
    const message = this.jsapi.sendTextMessage(this.me, contact, chainId, text);
    const item: TextItem = { kind: 'text', key, at: Date.now(), message, state: 'sending' };
    this.items.set(key, item);
    this.changed();
    const taken = message.ready.then(
      () => this.settled(item, { state: 'sent', at: message.createdAt ?? item.at }),
      (problem: unknown) => this.settled(item, { state: 'failed', problem }),
    );
    if (chainId === undefined) await taken;
  }

  private settled(item: TextItem, outcome: Partial<TextItem>): void {
    Object.assign(item, outcome);
    this.changed();
  }

  private take(message: TextMessage): void {
    this.put(message);
    this.changed();
  }

  private put(message: TextMessage): void {
    const { id } = message;
    if (id === undefined) return;
    const known = this.textOf(id);
    // News of older versions come with the history.
    if (known && (known.message.removed || known.message.version > message.version)) return;
    const key = known?.key ?? id;
    const at = known?.at ?? message.createdAt ?? 0;
    this.items.set(key, { kind: 'text', key, at, message, state: 'sent' });
  }

  private erased(id: string): void {
    const known = this.textOf(id);
    if (!known) return;
    Object.assign(known.message, { removed: true, content: { text: '' } });
    this.changed();
  }

  private textOf(id: string): TextItem | undefined {
    const found = this.items.get(id) ?? [...this.items.values()].find((item) => idOf(item) === id);
    return found?.kind === 'text' ? found : undefined;
  }

  private add({ messages }: HistoryPage): void {
    for (const message of messages) {
      if (message instanceof TextMessage) this.put(message);
      else this.items.set(message.id, { kind: 'call', key: message.id, at: message.record.createdAt, call: message });
    }
    this.changed();
  }

  private goesOn(chainId: string, { messages, more }: HistoryPage): void {
    const oldest = messages.at(-1)?.pos;
    if (more && oldest !== undefined) this.earlier.set(chainId, oldest);
    else this.earlier.delete(chainId);
  }

  private counterpart(item: Item): string | undefined {
    const sender = senderOf(item);
    return sender === this.me ? peers(item).find((id) => id !== this.me) : sender;
  }

  private chainsWith(contact: string): string[] {
    const chains = this.with(contact).map(chainOf);
    return [...new Set(chains.filter((chainId) => chainId !== undefined))];
  }

  private wantsReading(item: Item): boolean {
    if (item.kind === 'call') return isMissed(item.call.record, this.me);
    return !this.isOwn(item) && !item.message.removed;
  }
}

function isDraft(item: Item): boolean {
  return item.kind === 'text' && item.state !== 'sent';
}

function idOf(item: Item): string | undefined {
  return item.kind === 'text' ? item.message.id : item.call.id;
}

function chainOf(item: Item): string | undefined {
  return item.kind === 'text' ? item.message.chainId : item.call.chainId;
}

function senderOf(item: Item): string {
  return item.kind === 'text' ? item.message.sender : item.call.record.from;
}

/** Everybody whom an item names, its sender first. */
function peers(item: Item): readonly string[] {
  if (item.kind === 'text') return [item.message.sender, ...item.message.receivers];
  return [item.call.record.from, ...item.call.record.to];
}

/** When there was anything to look at: a call is missed when it ends. */
function knownAt(item: Item): number {
  return item.kind === 'call' ? (item.call.record.endedAt ?? item.at) : item.at;
}
