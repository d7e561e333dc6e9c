import { Jsapi, type DisconnectReason, type KeyValueStorage } from '@crosspoint/client';
import { h, show } from '../dom';
import { icon } from '../icons';
import '../style.css';
import './calls.css';
import { PeoplePage } from './page';
import { signIn, socketUrl, type Ticket } from './server';
import { signInView } from './sign_in';

const kNameKey = 'people.name';

const kEndings: Record<Exclude<DisconnectReason, 'disconnected'>, [string, string]> = {
  replaced: ['You went on in another tab', 'A copy of this tab has taken its place as a device.'],
  unauthenticated: ['You were signed out', 'The server does not accept this sign-in any more.'],
  refused: ['The server has ended the connection', 'Sign in again to go on.'],
};

// A tab is a device; who signs in on it next must not come back as the one before.
function storageOf(userId: string): KeyValueStorage {
  const key = (name: string) => `${name} ${userId}`;
  return {
    getItem: (name) => sessionStorage.getItem(key(name)),
    setItem: (name, value) => sessionStorage.setItem(key(name), value),
    removeItem: (name) => sessionStorage.removeItem(key(name)),
  };
}

function openSignIn(proposed = ''): void {
  sessionStorage.removeItem(kNameKey);
  document.title = 'People – Crosspoint';
  show(signInView(proposed, enter));
}

// Rejects with a message for people as long as nobody is signed in.
async function enter(name: string): Promise<void> {
  const ticket = await signIn(name);
  sessionStorage.setItem(kNameKey, name);
  open(name, ticket);
}

function open(name: string, ticket: Ticket): void {
  const jsapi = new Jsapi();
  const kind = matchMedia('(pointer: coarse)').matches ? 'mobile' : 'desktop';
  const device = { name: 'Demo page', kind } as const;
  jsapi.configure({ url: socketUrl(), appId: ticket.appId, device, storage: storageOf(ticket.userId) });
  const page = new PeoplePage(jsapi, { name, profileId: ticket.profileId }, () => void jsapi.disconnect());
  jsapi.on('disconnected', (reason) => {
    page.close();
    if (reason === 'disconnected') openSignIn(name);
    else show(endedView(name, ...kEndings[reason]));
  });
  show(page.element);
  const tokenProvider = async () => (await signIn(name)).token;
  // Who is refused hears of it by the event above.
  void page.enter(() => jsapi.connect({ token: ticket.token, tokenProvider })).catch(() => undefined);
}

function endedView(name: string, title: string, text: string): HTMLElement {
  const again = h('button', { class: 'button primary', type: 'button' }, `Sign in as ${name}`);
  again.addEventListener('click', () => {
    again.disabled = true;
    enter(name).catch(() => openSignIn(name));
  });
  return h(
    'main',
    { class: 'end' },
    h(
      'section',
      { class: 'card end-card' },
      h('div', { class: 'end-mark bad' }, icon('warning')),
      h('h1', {}, title),
      h('p', { class: 'muted' }, text),
      h(
        'div',
        { class: 'row' },
        again,
        h('button', { class: 'button', type: 'button', onclick: () => openSignIn(name) }, 'Sign in as somebody else'),
      ),
    ),
  );
}

const remembered = sessionStorage.getItem(kNameKey);
if (remembered) enter(remembered).catch(() => openSignIn(remembered));
else openSignIn(new URLSearchParams(location.search).get('as') ?? '');
