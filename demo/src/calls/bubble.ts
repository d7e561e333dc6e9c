import type { CallInChain } from '@crosspoint/client';
import { h } from '../dom';
import { icon } from '../icons';
import { textField } from './composer';
import type { TextItem } from './conversations';
import { timeOfDay } from './times';
import { errorWords, isMissed, recordWords } from './words';

/** What can be done about a text. */
export interface BubbleListener {
  menu(open: boolean): void;
  edit(): void;
  edited(text: string): void;
  remove(): void;
  again(): void;
}

/** One text of a conversation. */
export function bubble(
  item: TextItem,
  looks: { own: boolean; menuOpen: boolean; editing: boolean },
  listener: BubbleListener,
): HTMLElement {
  const { message, state } = item;
  const { removed, version, content } = message;
  const changeable = looks.own && state === 'sent' && !removed;
  const text = h('p', { class: 'bubble-text' }, removed ? 'Message removed' : content.text);
  const body = looks.editing && changeable ? editor(content.text, listener) : text;
  return h(
    'article',
    { class: `bubble${looks.own ? ' own' : ''}${removed ? ' removed' : ''} ${state}` },
    changeable && !looks.editing && menu(item.key, looks.menuOpen, listener),
    h('div', { class: 'bubble-body' }, body, h('span', { class: 'bubble-foot' }, ...foot(item, version, listener))),
  );
}

function foot(
  { state, at, message, problem }: TextItem,
  version: number,
  listener: BubbleListener,
): (HTMLElement | string)[] {
  if (state === 'sending') return ['Sending…'];
  if (state === 'failed') {
    const again = h('button', { class: 'link', type: 'button', onclick: () => listener.again() }, 'Try again');
    return [`Not sent. ${errorWords(problem)} `, again];
  }
  return [version > 1 && !message.removed ? 'edited · ' : '', timeOfDay(at)];
}

function menu(key: string, open: boolean, listener: BubbleListener): HTMLElement {
  const toggle = h(
    'button',
    {
      class: 'bubble-more',
      type: 'button',
      'aria-label': 'Message options',
      'aria-expanded': String(open),
      'data-key': key,
      onclick: () => listener.menu(!open),
    },
    icon('more'),
  );
  if (!open) return toggle;
  const button = (text: string, action: () => void) =>
    h('button', { class: 'button small', type: 'button', onclick: action }, text);
  const element = h(
    'span',
    { class: 'bubble-menu' },
    button('Edit', () => listener.edit()),
    button('Remove', () => listener.remove()),
    toggle,
  );
  element.addEventListener('keydown', (event) => event.key === 'Escape' && listener.menu(false));
  return element;
}

function editor(text: string, listener: BubbleListener): HTMLElement {
  const field = textField('New text', text, (changed) => listener.edited(changed));
  field.addEventListener('keydown', (event) => event.key === 'Escape' && listener.menu(false));
  return h('div', { class: 'editor' }, field, h('span', { class: 'hint' }, 'Enter saves, Escape cancels'));
}

/** One call of a conversation. @param back calls back; given for missed ones. */
export function callNote(
  { record }: CallInChain,
  me: string,
  withWhom: string | undefined,
  back: (() => void) | undefined,
): HTMLElement {
  const missed = isMissed(record, me);
  const words = recordWords(record, me);
  return h(
    'article',
    { class: `call-note${missed ? ' missed' : ''}${record.endedAt === undefined ? ' live' : ''}` },
    icon(missed ? 'missed' : record.options.video ? 'camera' : 'phone'),
    h('span', {}, withWhom ? `${words} (${withWhom})` : words),
    h('span', { class: 'muted' }, timeOfDay(record.createdAt)),
    back &&
      h('button', { class: 'button small', type: 'button', onclick: back, 'data-key': record.callId }, 'Call back'),
  );
}
