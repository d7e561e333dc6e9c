import type { LoggedText, TextAdded, TextContent, TextRecord } from './messages.js';

/** What a {@link TextMessage} works with. */
export interface TextHost {
  edit(id: string, text: string): Promise<{ version: number }>;
  remove(id: string): Promise<{ version: number }>;
}

/** What is known of a message before the server has taken it. */
export interface TextDraft {
  localId: string;
  sender: string;
  receivers: string[];
  chainId?: string;
  connectionId: string;
  text: string;
}

type Origin = { draft: TextDraft } | { record: LoggedText | TextRecord };

/** A text message of a chain (jsapi section 5). */
export class TextMessage {
  /** Tells it from a call in a history. */
  readonly kind = 'text';
  /** The server's id; nothing before it has acknowledged. */
  id: string | undefined;
  /** Made by this side for messages sent here (ID-4). */
  readonly localId: string | undefined;
  /** The chain that it is in; nothing before it is known. */
  chainId: string | undefined;
  /** Its place in the chain; nothing before it is known. */
  pos: number | undefined;
  /** Profile that has written it. */
  readonly sender: string;
  /** Profiles that it is for. */
  readonly receivers: readonly string[];
  /** The profile of the connected user that it concerns. */
  readonly receiver: string | undefined;
  /** Where it was sent. */
  readonly connectionId: string | undefined;
  /** What it says; empty once it is removed. */
  content: TextContent;
  /** 1, and one more for each edit. */
  version = 1;
  /** When it was sent; milliseconds since 1970 by the server's clock, for display. */
  createdAt: number | undefined;
  /** Whether it was removed. */
  removed = false;
  /** Resolves with this object once the server has taken it; rejects as it refuses. */
  readonly ready: Promise<TextMessage>;

  /** @internal */
  constructor(
    private readonly host: TextHost,
    origin: Origin,
    taken?: Promise<TextAdded>,
  ) {
    if ('draft' in origin) {
      const { localId, sender, receivers, chainId, connectionId, text } = origin.draft;
      this.localId = localId;
      this.chainId = chainId;
      this.connectionId = connectionId;
      this.sender = this.receiver = sender;
      this.receivers = receivers;
      this.content = { text };
    } else {
      const { record } = origin;
      this.id = record.id;
      this.localId = 'localId' in record ? record.localId : undefined;
      this.chainId = record.chainId;
      this.pos = record.pos;
      this.sender = record.sender;
      this.receivers = record.receivers;
      this.receiver = 'receiver' in record ? record.receiver : undefined;
      this.connectionId = record.connectionId;
      this.content = record.content ?? { text: '' };
      this.version = record.version;
      this.createdAt = record.ts;
      this.removed = 'removed' in record && record.removed === true;
    }
    this.ready = taken ? taken.then((added) => this.take(added)) : Promise.resolve(this);
    this.ready.catch(() => undefined);
  }

  /** Replaces the text; by the sender's user only. */
  async edit(newText: string): Promise<void> {
    const id = await this.known();
    const { version } = await this.host.edit(id, newText);
    this.content = { text: newText };
    this.version = version;
  }

  /** Erases the text and keeps the place in the chain; by the sender's user only. */
  async remove(): Promise<void> {
    const id = await this.known();
    const { version } = await this.host.remove(id);
    this.content = { text: '' };
    this.version = version;
    this.removed = true;
  }

  private async known(): Promise<string> {
    await this.ready;
    return this.id ?? '';
  }

  private take({ id, chainId, pos, ts }: TextAdded): this {
    this.id = id;
    this.chainId = chainId;
    this.pos = pos;
    this.createdAt = ts;
    return this;
  }
}
