import type { Call } from '@crosspoint/client';
import { face } from '../avatar';
import { announce, h, refill } from '../dom';
import { icon, type IconName } from '../icons';
import type { Actions } from './actions';
import type { Book } from './book';
import { roleChip } from './role_chip';
import { standingOf } from './standing';
import { errorWords, kindWords } from './words';

/** The sheet of calls that come in. */
export class IncomingSheet {
  readonly element = h('div', { class: 'incoming' });
  private readonly cards = new Map<Call, HTMLElement>();
  /** Where the focus was before a card took it. */
  private focusedBefore: Element | null = null;

  constructor(
    private readonly book: Book,
    private readonly actions: Actions,
  ) {}

  /** @param others all live calls, of which one may be in the way. */
  update(incoming: Call[], others: Call[]): void {
    for (const [call, card] of this.cards) {
      if (incoming.includes(call)) continue;
      const focused = card.contains(document.activeElement);
      card.remove();
      this.cards.delete(call);
      if (focused) this.returnFocus();
    }
    const busy = others.some((call) => standingOf(call) === 'current');
    for (const call of incoming) this.fill(call, busy);
  }

  private fill(call: Call, busy: boolean): void {
    const isNew = !this.cards.has(call);
    const card = this.cards.get(call) ?? this.newCard(call);
    const problem = this.actions.problems.get(call);
    const caller = this.book.nameOf(call.from);
    const key = [caller, call.role, call.to, call.options, busy, call.pendingAction, problem?.name];
    refill(card, key, () => [
      this.who(call, caller),
      problem && h('p', { class: 'field-error', role: 'alert' }, errorWords(problem)),
      call.pendingAction ? this.connecting() : h('div', { class: 'answers' }, ...this.answers(call, busy)),
    ]);
    if (!isNew) return;
    this.element.append(card);
    announce(`Incoming ${kindWords(call.options)} from ${caller}`);
    // Who is writing keeps the focus: what they type must not answer a call.
    const typing = document.activeElement instanceof HTMLTextAreaElement || document.querySelector('dialog[open]');
    if (typing) return;
    if (!this.element.contains(document.activeElement)) this.focusedBefore = document.activeElement;
    card.focus({ preventScroll: true });
  }

  private returnFocus(): void {
    const next = this.element.querySelector<HTMLElement>('.incoming-card') ?? this.focusedBefore;
    if (next instanceof HTMLElement && next.isConnected) next.focus({ preventScroll: true });
  }

  private newCard(call: Call): HTMLElement {
    const name = this.book.nameOf(call.from);
    const label = `Incoming ${kindWords(call.options)} from ${name}`;
    const card = h('section', {
      class: 'card incoming-card',
      role: 'alertdialog',
      'aria-label': label,
      tabindex: '-1',
    });
    card.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.actions.ignore(call);
    });
    this.cards.set(call, card);
    return card;
  }

  private who(call: Call, caller: string): HTMLElement {
    const also = call.to.filter((id) => id !== this.book.me.profileId);
    const what = `Incoming ${kindWords(call.options)}`;
    return h(
      'div',
      { class: 'incoming-who' },
      face(caller, 'ringing'),
      h(
        'div',
        { class: 'incoming-text' },
        h('strong', {}, caller),
        h('span', { class: 'muted' }, also.length > 0 ? `${what} with ${this.book.namesOf(also)}` : what),
        roleChip(call),
      ),
    );
  }

  private connecting(): HTMLElement {
    return h('p', { class: 'connecting', role: 'status' }, h('span', { class: 'spinner small' }), 'Answering…');
  }

  private answers(call: Call, busy: boolean): HTMLElement[] {
    const { actions } = this;
    const { video } = call.options;
    const button = (text: string, symbol: IconName, look: string, action: () => void) =>
      h('button', { class: `button ${look}`, type: 'button', onclick: action, 'data-key': text }, icon(symbol), text);
    const answer = (text: string, symbol: IconName, look: string, camera: boolean) =>
      button(busy ? `Hold & ${text.toLowerCase()}` : text, symbol, look, () =>
        actions.accept(call, { audio: true, video: camera }),
      );
    const failed = actions.problems.has(call);
    return [
      ...(video ? [answer('Answer with video', 'camera', 'answer good', true)] : []),
      answer(video ? 'Answer with voice' : 'Answer', 'phone', video ? 'answer' : 'answer good', false),
      ...(failed ? [button('Listen only', 'speaker', 'answer', () => actions.listenOnly(call))] : []),
      button('Decline', 'leave', 'bad', () => actions.decline(call)),
      button('Ignore', 'silent', '', () => actions.ignore(call)),
    ];
  }
}
