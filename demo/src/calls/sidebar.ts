import { face } from '../avatar';
import { h, refill } from '../dom';
import { icon, type IconName } from '../icons';
import type { Book } from './book';
import type { Conversations, Item } from './conversations';
import type { Person } from './server';
import { shortTime } from './times';
import { isMissed, recordWords } from './words';

/** What the sidebar tells the page. */
export interface SidebarListener {
  opened(contact: string): void;
  dndChosen(on: boolean): void;
  signedOut(): void;
}

/** What is known of the own side. */
export interface OwnState {
  devices: number;
  dnd: boolean;
}

/** Oneself, and everybody else with what they wrote last. */
export class Sidebar {
  readonly element: HTMLElement;
  private readonly own = h('header', { class: 'own-head' });
  private readonly list = h('ul', { class: 'contacts' });

  constructor(
    private readonly book: Book,
    private readonly conversations: Conversations,
    private readonly listener: SidebarListener,
  ) {
    this.element = h(
      'nav',
      { class: 'sidebar', 'aria-label': 'People' },
      this.own,
      h('h2', { class: 'sidebar-title' }, 'People'),
      this.list,
      h(
        'footer',
        { class: 'sidebar-foot' },
        h('a', { href: '/people.html', target: '_blank', rel: 'noopener' }, icon('devices'), 'Another device'),
        h('a', { href: '/' }, icon('people'), 'Rooms'),
      ),
    );
  }

  /** @param inCall those who are in a call with oneself. */
  update(own: OwnState, selected: string | undefined, inCall: string[]): void {
    refill(this.own, own, () => this.ownPart(own));
    const rows = this.book.others.map((person) => {
      const { name, profileId } = person;
      const [symbol, preview] = this.preview(this.conversations.latest(profileId));
      const at = this.conversations.latest(profileId)?.at;
      const unread = this.conversations.unread(profileId);
      const chosen = profileId === selected;
      return { person, name, symbol, preview, at, unread, chosen, live: inCall.includes(profileId) };
    });
    // Those with whom there is something come first, the latest at the top; the others by name.
    rows.sort((one, other) => (other.at ?? 0) - (one.at ?? 0));
    refill(this.list, rows, () => rows.map((row) => this.row(row)));
  }

  private ownPart({ devices, dnd }: OwnState): HTMLElement[] {
    const { name } = this.book.me;
    const count = devices === 1 ? 'This device' : `${devices} devices`;
    const quiet = h(
      'button',
      {
        class: `round small${dnd ? ' off' : ''}`,
        type: 'button',
        'data-key': 'dnd',
        'data-tip': dnd ? 'Let calls ring' : 'Do not disturb',
        'aria-label': 'Do not disturb',
        'aria-pressed': String(dnd),
        onclick: () => this.listener.dndChosen(!dnd),
      },
      icon(dnd ? 'silent' : 'bell'),
    );
    const out = h(
      'button',
      { class: 'button small ghost', type: 'button', onclick: () => this.listener.signedOut() },
      'Sign out',
    );
    return [
      face(name),
      h('div', { class: 'own-text' }, h('strong', {}, name), h('span', { class: 'muted' }, count)),
      quiet,
      out,
    ];
  }

  private preview(item: Item | undefined): [IconName | undefined, string] {
    if (!item) return [undefined, 'Nothing yet'];
    const me = this.book.me.profileId;
    if (item.kind === 'call') {
      const { record } = item.call;
      return [isMissed(record, me) ? 'missed' : 'phone', recordWords(record, me)];
    }
    if (item.message.removed) return [undefined, 'Message removed'];
    const text = item.message.content.text;
    return [undefined, this.conversations.isOwn(item) ? `You: ${text}` : text];
  }

  private row(row: {
    person: Person;
    symbol: IconName | undefined;
    preview: string;
    at: number | undefined;
    unread: number;
    chosen: boolean;
    live: boolean;
  }): HTMLElement {
    const { name, profileId } = row.person;
    return h(
      'li',
      {},
      h(
        'button',
        {
          class: 'contact',
          type: 'button',
          'data-key': profileId,
          'aria-current': row.chosen ? 'true' : undefined,
          onclick: () => this.listener.opened(profileId),
        },
        face(name, row.live ? 'live' : ''),
        h(
          'span',
          { class: 'contact-text' },
          h('strong', {}, name),
          h(
            'span',
            { class: `preview-text ${row.symbol === 'missed' ? 'missed' : ''}` },
            row.symbol ? icon(row.symbol) : null,
            h('span', {}, row.preview),
          ),
        ),
        h(
          'span',
          { class: 'contact-end' },
          h('span', { class: 'contact-time' }, row.at ? shortTime(row.at) : ''),
          row.unread > 0 && h('span', { class: 'badge', 'aria-label': `${row.unread} new` }, String(row.unread)),
        ),
      ),
    );
  }
}
