import type { Call } from '@crosspoint/client';
import { h, refill } from '../dom';
import { icon, type IconName } from '../icons';
import type { Actions } from './actions';
import type { Book } from './book';
import { othersIn, standingOf, type Standing } from './standing';
import { callWords } from './words';

const kStandingWords: Record<Standing, string> = {
  incoming: '',
  current: 'On this device',
  held: 'On hold',
  elsewhere: 'On another device',
  aside: 'Goes on without you',
};

const kStandingIcons: Record<Standing, IconName> = {
  incoming: 'phone',
  current: 'phone',
  held: 'pause',
  elsewhere: 'devices',
  aside: 'people',
};

/** The calls that live beside what is being looked at, and what can be done about each. */
export class CallBar {
  readonly element = h('section', { class: 'call-bar', 'aria-label': 'Calls' });

  constructor(
    private readonly book: Book,
    private readonly actions: Actions,
    private readonly show: (call: Call) => void,
  ) {}

  update(calls: Call[]): void {
    this.element.hidden = calls.length === 0;
    const keys = calls.map((call) => this.key(call));
    refill(this.element, keys, () => calls.map((call) => this.row(call)));
  }

  private key(call: Call): unknown {
    return [call.id, call.role, standingOf(call), othersIn(call), call.answeredAt, callWords(call), call.pendingAction];
  }

  private row(call: Call): HTMLElement {
    const standing = standingOf(call);
    const names = this.book.namesOf(othersIn(call));
    const since = call.answeredAt && h('span', { class: 'call-clock', 'data-since': call.answeredAt });
    const state = stateOf(call, standing);
    return h(
      'div',
      { class: `call-row ${standing}`, role: 'group', 'aria-label': `Call with ${names}` },
      icon(kStandingIcons[standing]),
      h(
        'span',
        { class: 'call-text' },
        h('span', { class: 'call-names' }, names),
        h('span', { class: 'call-state' }, state, call.answeredAt ? ' · ' : '', since || null, ` · ${call.role}`),
      ),
      ...this.buttons(call, standing),
    );
  }

  private buttons(call: Call, standing: Standing): HTMLElement[] {
    const { actions } = this;
    const button = (text: string, action: () => void, look = '') =>
      h(
        'button',
        { class: `button small ${look}`, type: 'button', onclick: action, 'data-key': `${call.id} ${text}` },
        text,
      );
    const hangup = button('Hang up', () => actions.hangup(call), 'bad');
    switch (standing) {
      case 'current':
        return [button('Return', () => this.show(call), 'primary'), hangup];
      case 'held':
        return [button('Switch', () => actions.resume(call), 'primary'), hangup];
      case 'elsewhere':
        return [button('Move here', () => actions.activate(call), 'primary'), button('Show', () => this.show(call))];
      case 'aside':
        return [
          button(
            call.state === 'active' ? 'Join' : 'Answer',
            () => actions.accept(call, { audio: true, video: false }),
            'primary',
          ),
        ];
      case 'incoming':
        return [];
    }
  }
}

function stateOf(call: Call, standing: Standing): string {
  if (standing === 'current') return callWords(call) || kStandingWords.current;
  // Silenced here, it rings on for who calls.
  if (standing === 'aside' && call.state !== 'active') return 'Still calling';
  return kStandingWords[standing];
}
