import type { Call } from '@crosspoint/client';
import { face } from '../avatar';
import { announce, h, refill } from '../dom';
import { icon, type IconName } from '../icons';
import type { Actions } from './actions';
import type { Book } from './book';
import { bubble, callNote, type BubbleListener } from './bubble';
import { Composer } from './composer';
import type { Conversations, Item, TextItem } from './conversations';
import { standingOf } from './standing';
import { dayOf } from './times';
import { errorWords, isMissed } from './words';

// Closer to the end than this, one reads what comes.
const kNearEnd = 160;

/** The conversation with one person. */
export class Chat {
  readonly element: HTMLElement;
  private readonly head = h('header', { class: 'chat-head' });
  private readonly log = h('div', {
    class: 'messages',
    role: 'log',
    'aria-live': 'off',
    'aria-label': 'Messages',
    tabindex: '0',
  });
  private readonly composer: Composer;
  /** Whether the last messages are looked at, so that what comes is shown. */
  private following = true;
  private openMenu: string | undefined;
  private editing: string | undefined;

  constructor(
    readonly contact: string,
    private readonly book: Book,
    private readonly conversations: Conversations,
    private readonly actions: Actions,
    private readonly listener: { left(): void; shown(call: Call): void },
  ) {
    const name = book.nameOf(contact);
    this.composer = new Composer(name, (text) => conversations.send(contact, text));
    this.element = h('section', { class: 'chat', 'aria-label': `Conversation with ${name}` });
    this.element.append(this.head, this.log, this.composer.element);
    this.log.addEventListener('scroll', () => this.look());
    // As when a banner comes, or the keyboard of a phone.
    new ResizeObserver(() => this.follow()).observe(this.log);
  }

  /** Shows what came last. */
  toEnd(): void {
    this.following = true;
    this.follow();
  }

  /** Where one writes. */
  focus(): void {
    this.composer.focus();
  }

  /** @param call the live call with this person, if there is one. */
  update(call: Call | undefined): void {
    const name = this.book.nameOf(this.contact);
    refill(this.head, [name, call?.id, call && standingOf(call)], () => this.headParts(name, call));
    const items = this.conversations.with(this.contact);
    const earlier = this.conversations.hasEarlier(this.contact);
    const keys = items.map((item) => this.key(item));
    this.look();
    refill(this.log, [keys, earlier, this.openMenu, this.editing], () => this.rows(items, earlier));
    this.follow();
  }

  private look(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    if (this.log.isConnected) this.following = scrollHeight - scrollTop - clientHeight < kNearEnd;
  }

  private follow(): void {
    if (this.following) this.log.scrollTop = this.log.scrollHeight;
  }

  private key(item: Item): unknown {
    if (item.kind === 'call') return [item.key, item.call.record];
    const { version, removed, content } = item.message;
    return [item.key, item.state, version, removed, content, item.at];
  }

  private headParts(name: string, call: Call | undefined): HTMLElement[] {
    const round = (text: string, symbol: IconName, action: () => void, look = '') =>
      h(
        'button',
        {
          class: `round ${look}`,
          type: 'button',
          'aria-label': text,
          'data-tip': text,
          'data-key': text,
          onclick: action,
        },
        icon(symbol),
      );
    const { actions, contact } = this;
    const buttons = call
      ? [
          h(
            'button',
            { class: 'button small', type: 'button', onclick: () => this.listener.shown(call), 'data-key': 'call' },
            icon('phone'),
            'Show call',
          ),
        ]
      : [
          round('Voice call', 'phone', () => actions.open(contact, false)),
          round('Video call', 'camera', () => actions.open(contact, true)),
        ];
    return [
      round('Back to people', 'back', () => this.listener.left(), 'ghost only-phone'),
      face(name),
      h('h1', {}, name),
      h('span', { class: 'spacer' }),
      ...buttons,
    ];
  }

  private rows(items: Item[], earlier: boolean): HTMLElement[] {
    const name = this.book.nameOf(this.contact);
    if (items.length === 0) return [this.nothing(name)];
    const rows: HTMLElement[] = [];
    if (earlier) rows.push(this.more());
    let day = '';
    for (const item of items) {
      const itsDay = dayOf(item.at);
      if (itsDay !== day) rows.push(h('h2', { class: 'day' }, itsDay));
      day = itsDay;
      rows.push(item.kind === 'text' ? this.textRow(item) : this.callRow(item));
    }
    return rows;
  }

  private textRow(item: TextItem): HTMLElement {
    const listener: BubbleListener = {
      menu: (open) => this.set({ menu: open ? item.key : undefined }),
      edit: () => this.set({ editing: item.key }),
      edited: (text) => this.change(item, text),
      remove: () => this.change(item, undefined),
      again: () => this.conversations.resend(item, this.contact),
    };
    const looks = {
      own: this.conversations.isOwn(item),
      menuOpen: this.openMenu === item.key,
      editing: this.editing === item.key,
    };
    return bubble(item, looks, listener);
  }

  private callRow(item: Extract<Item, { kind: 'call' }>): HTMLElement {
    const { record } = item.call;
    const me = this.book.me.profileId;
    const others = [record.from, ...record.to].filter((id) => id !== me);
    const withWhom = others.length > 1 ? this.book.namesOf(others) : undefined;
    const back = isMissed(record, me) ? () => this.actions.open(this.contact, record.options.video) : undefined;
    return callNote(item.call, me, withWhom, back);
  }

  private more(): HTMLElement {
    const button = h('button', { class: 'button small ghost', type: 'button' }, 'Show earlier messages');
    button.addEventListener('click', () => {
      button.disabled = true;
      const before = this.log.scrollHeight;
      // What is being read stays where it is.
      const stay = () => (this.log.scrollTop += this.log.scrollHeight - before);
      this.conversations
        .loadEarlier(this.contact)
        .then(stay, (error: unknown) => announce(errorWords(error)))
        .finally(() => (button.disabled = false));
    });
    return h('div', { class: 'more' }, button);
  }

  private nothing(name: string): HTMLElement {
    return h(
      'div',
      { class: 'empty' },
      face(name, 'large'),
      h('strong', {}, `You and ${name} have not spoken yet`),
      h('span', { class: 'muted' }, 'Write something, or call.'),
    );
  }

  private change(item: TextItem, text: string | undefined): void {
    this.set({});
    const changed = text === undefined ? item.message.remove() : item.message.edit(text);
    changed.then(
      () => announce(text === undefined ? 'Message removed' : 'Message changed'),
      (error: unknown) => announce(errorWords(error)),
    );
    void changed.finally(() => this.conversations.touched()).catch(() => undefined);
    this.focus();
  }

  private set({ menu, editing }: { menu?: string; editing?: string }): void {
    this.openMenu = menu;
    this.editing = editing;
    this.conversations.touched();
    // That is shown in a moment, with what else has changed.
    queueMicrotask(() => this.log.querySelector<HTMLElement>('.editor textarea, .bubble-menu button')?.focus());
  }
}
