import { h } from './dom';

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

/** The colour of a name, in degrees. */
export function hue(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 360, 7);
}

/** A round picture of a name, for those who see it beside the name. */
export function face(name: string, classes = ''): HTMLElement {
  const element = h('span', { class: `face ${classes}`, 'aria-hidden': 'true' }, initials(name));
  element.style.setProperty('--hue', String(hue(name)));
  return element;
}
