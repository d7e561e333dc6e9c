import { CrosspointClient } from '@crosspoint/client';
import { enterRoom } from './api';
import { show } from './dom';
import { endView } from './end';
import { Lobby } from './lobby';
import { LocalMedia } from './media';
import { Room } from './room';
import './style.css';

const client = new CrosspointClient();
const media = new LocalMedia();

function openLobby(room: string, name: string): void {
  document.title = 'Crosspoint';
  const lobby = new Lobby(client, media, { room, name }, join);
  show(lobby.element);
}

// Rejects with a message for people; what the page shows then is the caller's affair.
async function join(room: string, name: string): Promise<void> {
  const ticket = await enterRoom(room, name);
  localStorage.setItem('name', name);
  history.replaceState(null, '', `?room=${encodeURIComponent(room)}`);
  document.title = `${room} – Crosspoint`;
  const view = new Room(client, media, { room, name, ticket }, (end) => {
    media.stop();
    const rejoin = async () => {
      await media.start();
      await join(room, name);
    };
    show(endView({ ...end, room, rejoin, back: () => openLobby(room, name) }));
  });
  show(view.element);
  void view.enter();
}

openLobby(new URLSearchParams(location.search).get('room') ?? '', localStorage.getItem('name') ?? '');
