import { h } from './dom';
import { icon } from './icons';

/** How a stay in a room ended. */
export interface RoomEnd {
  /** Whether it went wrong; otherwise the user left. */
  failed: boolean;
  title: string;
  text: string;
}

/** The page after a room: what happened, and the ways back. */
export function endView(end: RoomEnd & { room: string; rejoin: () => Promise<void>; back: () => void }): HTMLElement {
  const error = h('p', { class: 'field-error', role: 'alert', hidden: true });
  const rejoin = h('button', { class: 'button primary', type: 'button' }, 'Rejoin');
  rejoin.addEventListener('click', () => {
    rejoin.disabled = true;
    error.hidden = true;
    end.rejoin().catch((problem: Error) => {
      rejoin.disabled = false;
      error.textContent = problem.message;
      error.hidden = false;
    });
  });
  return h(
    'main',
    { class: 'end' },
    h(
      'section',
      { class: 'card end-card' },
      h('div', { class: `end-mark${end.failed ? ' bad' : ''}` }, icon(end.failed ? 'warning' : 'check')),
      h('h1', {}, end.title),
      h('p', { class: 'muted' }, end.text),
      h('p', { class: 'room-pill' }, end.room),
      error,
      h(
        'div',
        { class: 'row' },
        rejoin,
        h('button', { class: 'button', type: 'button', onclick: end.back }, 'Back to start'),
      ),
    ),
  );
}
