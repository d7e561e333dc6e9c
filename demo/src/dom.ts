export type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | EventListener | undefined>;

/**
 * Makes an element: attributes by name, listeners as `onclick` and the like, `true` for attributes without a value.
 * Strings become text, never markup.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

/** Replaces the whole page, and moves the focus to its beginning for those who cannot see the change. */
export function show(view: HTMLElement): void {
  document.querySelector('#app')!.replaceChildren(view);
  const heading = view.querySelector<HTMLElement>('h1');
  heading?.setAttribute('tabindex', '-1');
  heading?.focus({ preventScroll: true });
}

const shownKeys = new WeakMap<Element, string>();

/**
 * Fills an element anew if `key`, which says all that is shown in it, has changed. The focus stays on what has the same
 * `data-key`.
 */
export function refill(element: HTMLElement, key: unknown, build: () => Child[]): void {
  const text = JSON.stringify(key);
  if (shownKeys.get(element) === text) return;
  shownKeys.set(element, text);
  const { activeElement } = document;
  const focused =
    activeElement instanceof HTMLElement && element.contains(activeElement) && activeElement.dataset['key'];
  element.replaceChildren(...build().filter((child): child is Node | string => Boolean(child)));
  if (focused) element.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

/** Says something to screen readers only. */
export function announce(text: string): void {
  document.querySelector('#live')!.textContent = text;
}

/** Shows a short message for a few seconds, and says it. */
export function toast(text: string): void {
  const note = h('div', { class: 'toast' }, text);
  document.querySelector('#toasts')!.append(note);
  announce(text);
  setTimeout(() => note.remove(), 4_000);
}
