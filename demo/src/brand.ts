import { h } from './dom';
import { icon } from './icons';

/** The top of a start page, with the way to the other one. */
export function brandRow(other: string, href: string): HTMLElement {
  return h(
    'div',
    { class: 'brand' },
    icon('logo'),
    h('span', {}, 'Crosspoint'),
    h('span', { class: 'spacer' }),
    h('a', { class: 'brand-link', href }, other),
  );
}
