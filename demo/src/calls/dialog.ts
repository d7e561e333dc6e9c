import { face } from '../avatar';
import { h } from '../dom';
import { icon, type IconName } from '../icons';
import type { Person } from './server';

/** One of the answers of a question. */
export interface Choice {
  text: string;
  icon?: IconName;
  primary?: boolean;
  chosen: () => void;
}

function open(dialog: HTMLDialogElement): void {
  dialog.addEventListener('close', () => dialog.remove());
  // A click beside it closes it, as Escape does.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

/** Says what is wrong and asks what to do about it. */
export function ask(title: string, text: string, choices: Choice[]): void {
  const dialog = h('dialog', { class: 'card dialog', role: 'alertdialog', 'aria-labelledby': 'dialog-title' });
  const close = () => dialog.close();
  const button = (choice: Choice) =>
    h(
      'button',
      {
        class: `button wide${choice.primary ? ' primary' : ''}`,
        type: 'button',
        onclick: () => {
          close();
          choice.chosen();
        },
      },
      choice.icon && icon(choice.icon),
      choice.text,
    );
  dialog.append(
    h('div', { class: 'end-mark bad' }, icon('warning')),
    h('h2', { id: 'dialog-title' }, title),
    h('p', { class: 'muted' }, text),
    ...choices.map(button),
    h('button', { class: 'button ghost wide', type: 'button', onclick: close }, 'Close'),
  );
  open(dialog);
}

/** Lets the user pick one of these people. */
export function pickPerson(title: string, people: Person[], picked: (person: Person) => void): void {
  const dialog = h('dialog', { class: 'card dialog', 'aria-labelledby': 'dialog-title' });
  const row = (person: Person) =>
    h(
      'button',
      {
        class: 'pick',
        type: 'button',
        onclick: () => {
          dialog.close();
          picked(person);
        },
      },
      face(person.name),
      person.name,
    );
  dialog.append(
    h('h2', { id: 'dialog-title' }, title),
    people.length > 0
      ? h('div', { class: 'picks' }, ...people.map(row))
      : h('p', { class: 'muted' }, 'Everybody you know is in this call.'),
    h('button', { class: 'button ghost wide', type: 'button', onclick: () => dialog.close() }, 'Cancel'),
  );
  open(dialog);
}
