import { h } from '../dom';
import { icon } from '../icons';

const kLongestText = 4_000;
const kHighest = 140;

/** A field for several lines, in which Enter is done and Shift+Enter begins a line. */
export function textField(label: string, value: string, done: (text: string) => void): HTMLTextAreaElement {
  const field = h('textarea', { 'aria-label': label, rows: 1, maxlength: kLongestText, placeholder: label });
  field.value = value;
  const grow = () => {
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, kHighest)}px`;
  };
  field.addEventListener('input', grow);
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    const text = field.value.trim();
    if (text !== '') done(text);
  });
  return field;
}

/** Where one writes a message. */
export class Composer {
  readonly element: HTMLFormElement;
  private readonly field: HTMLTextAreaElement;

  constructor(name: string, send: (text: string) => void) {
    const take = () => {
      const text = this.field.value.trim();
      this.field.value = '';
      this.field.dispatchEvent(new Event('input'));
      if (text !== '') send(text);
    };
    this.field = textField(`Message to ${name}`, '', take);
    const button = h('button', { class: 'round send', type: 'submit', 'aria-label': 'Send' }, icon('send'));
    this.element = h('form', { class: 'composer' }, this.field, button);
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      take();
      this.field.focus();
    });
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }
}
