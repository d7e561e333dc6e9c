import { face } from '../avatar';
import { brandRow } from '../brand';
import { h } from '../dom';
import { kLongestPerson } from './server';

const kPeople = ['Ann', 'Bob', 'Cem', 'Dora'];

/** The page where one says who one is. @param signIn rejects with a message for people. */
export function signInView(proposed: string, signIn: (name: string) => Promise<void>): HTMLElement {
  const error = h('p', { class: 'field-error', role: 'alert', hidden: true });
  const name = h('input', { value: proposed, maxlength: kLongestPerson, required: true, autocomplete: 'nickname' });
  const submit = h('button', { class: 'button primary wide', type: 'submit' }, 'Sign in');
  const people = kPeople.map((person) =>
    h('button', { class: 'person', type: 'button', onclick: () => void enter(person) }, face(person), person),
  );
  const buttons = [...people, submit];
  const enter = async (who: string) => {
    error.hidden = true;
    for (const button of buttons) button.disabled = true;
    submit.textContent = 'Signing in…';
    try {
      await signIn(who.trim());
    } catch (problem) {
      error.textContent = (problem as Error).message;
      error.hidden = false;
      for (const button of buttons) button.disabled = false;
      submit.textContent = 'Sign in';
    }
  };
  const form = h(
    'form',
    { class: 'join' },
    h('label', { class: 'field' }, h('span', {}, 'Or with another name'), name),
    error,
    submit,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void enter(name.value);
  });
  return h(
    'main',
    { class: 'lobby' },
    h(
      'div',
      { class: 'card sign-in' },
      brandRow('Meet in a room', '/'),
      h('h1', {}, 'Who are you?'),
      h('p', { class: 'muted' }, 'Sign in on as many tabs as you like: each one is a device. All of them ring.'),
      h('div', { class: 'persons', role: 'group', 'aria-label': 'People' }, ...people),
      form,
    ),
  );
}
