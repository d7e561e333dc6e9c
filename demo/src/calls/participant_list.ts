import type { Call, Participant } from '@crosspoint/client';
import { face } from '../avatar';
import { h } from '../dom';
import { icon } from '../icons';
import type { Actions } from './actions';
import type { Book } from './book';
import { kParticipantWords } from './words';

const kOut = ['rejected', 'busy', 'unreachable', 'timeout', 'left', 'lost', 'removed'];

/**
 * Everybody in a call, also those who did not come, with what became of them; and what each of one's own devices is.
 *
 * @param here connection of this device.
 */
export function participantList(call: Call, here: string | undefined, book: Book, actions: Actions): HTMLElement[] {
  const active = call.role.startsWith('active');
  const rows = call.participants.map((participant) => row(participant, call, active, book, actions));
  return [h('h2', {}, 'In this call'), h('ul', {}, ...rows), h('h2', {}, 'Your devices'), ownDevices(call, here)];
}

function row(participant: Participant, call: Call, active: boolean, book: Book, actions: Actions): HTMLElement {
  const { id, isMe, state, role, held, media } = participant;
  const name = book.nameOf(id);
  const button = (text: string, label: string, action: () => void) =>
    h(
      'button',
      { class: 'button small', type: 'button', 'aria-label': label, onclick: action, 'data-key': label },
      text,
    );
  const again = active && !isMe && kOut.includes(state);
  const removable = active && call.me?.role === 'initiator' && !isMe && !kOut.includes(state);
  const isIn = state === 'active' || state === 'reconnecting';
  return h(
    'li',
    { class: `participant ${isIn ? 'in' : ''}` },
    face(name),
    h(
      'span',
      { class: 'participant-text' },
      h('strong', {}, isMe ? `${name} (you)` : name),
      h(
        'span',
        { class: 'muted' },
        held ? 'On hold' : kParticipantWords[state],
        role === 'initiator' ? ' · has called' : '',
      ),
    ),
    isIn && icon(media.audio ? 'mic' : 'micOff'),
    isIn && icon(media.video ? 'camera' : 'cameraOff'),
    again && button('Ring again', `Ring ${name} again`, () => actions.invite(call, id)),
    removable && button('Remove', `Remove ${name}`, () => actions.remove(call, id)),
  );
}

function ownDevices({ me }: Call, here: string | undefined): HTMLElement {
  const legs = [...(me?.connections ?? [])].sort((one, other) => Number(other.id === here) - Number(one.id === here));
  const rows = legs.map(({ id, role, state }) =>
    h(
      'li',
      { class: 'own-device' },
      icon('devices'),
      h('span', {}, id === here ? 'This device' : 'Another device'),
      h('span', { class: 'spacer' }),
      h('span', { class: 'muted' }, role.endsWith(state) || role.startsWith(state) ? role : `${role}, ${state}`),
    ),
  );
  return h('ul', {}, ...rows);
}
