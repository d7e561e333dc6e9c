import { h } from './dom';
import { icon, type IconName } from './icons';

/** A round button that is on or off, with an icon and a text for each state. */
export class ToggleButton {
  readonly element: HTMLButtonElement;

  constructor(
    private readonly looks: { on: [IconName, string]; off: [IconName, string]; shortcut?: string },
    pressed: () => void,
  ) {
    this.element = h('button', { class: 'round', type: 'button', onclick: pressed });
    if (looks.shortcut) this.element.setAttribute('aria-keyshortcuts', looks.shortcut);
    this.set(true);
  }

  /** Shows a state: `on` is the ordinary one, `alarming` colours the other. */
  set(on: boolean, alarming = true): void {
    const [name, text] = on ? this.looks.on : this.looks.off;
    const hint = this.looks.shortcut ? `${text} (${this.looks.shortcut})` : text;
    this.element.replaceChildren(icon(name));
    this.element.setAttribute('aria-label', text);
    this.element.dataset['tip'] = hint;
    this.element.classList.toggle('off', !on && alarming);
    this.element.classList.toggle('active', !on && !alarming);
  }

  /** Makes it unusable, saying why; without a reason, usable. */
  disable(reason: string | undefined): void {
    this.element.disabled = reason !== undefined;
    if (reason === undefined) return;
    this.element.setAttribute('aria-label', reason);
    this.element.dataset['tip'] = reason;
  }
}

/** The button that copies the way into a room. */
export function copyButton(link: string, classes: string): HTMLButtonElement {
  const label = h('span', { class: 'button-text' }, 'Copy link');
  const button = h('button', { class: classes, type: 'button', 'aria-label': 'Copy link' }, icon('link'), label);
  button.addEventListener('click', () => {
    void copy(link).then(() => {
      label.textContent = 'Copied';
      button.querySelector('svg')?.replaceWith(icon('check'));
      setTimeout(() => {
        label.textContent = 'Copy link';
        button.querySelector('svg')?.replaceWith(icon('link'));
      }, 2_000);
    });
  });
  return button;
}

// Pages without HTTPS have no clipboard; a prompt lets people copy by hand.
async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    prompt('Copy this link', text);
  }
}
