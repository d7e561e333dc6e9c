type Child = Node | string | null | undefined | false;
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
