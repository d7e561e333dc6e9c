import type { Call } from '@crosspoint/client';
import { h } from '../dom';
import { icon } from '../icons';

/** What this device is in a call. */
export function roleChip({ role, connectionState }: Call): HTMLElement {
  return h(
    'span',
    { class: `chip role ${role.startsWith('active') ? 'live' : ''}`, title: `This device: ${connectionState}` },
    icon('devices'),
    h('span', { class: 'visually-hidden' }, 'This device: '),
    role,
  );
}
