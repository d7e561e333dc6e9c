/** One text frame of a WebSocket of this page. */
export interface Frame {
  /** Unix time in ms. */
  at: number;
  url: string;
  /** Counts the page's sockets. */
  socket: number;
  side: 'fromClient' | 'toClient';
  text: string;
}

// Loaded before any SDK: everything that this page's sockets have sent and received.
export const frames: Frame[] = [];

let sockets = 0;

window.WebSocket = new Proxy(window.WebSocket, {
  construct(target, args, newTarget) {
    const socket = Reflect.construct(target, args, newTarget) as WebSocket;
    const number = sockets++;
    const note = (side: Frame['side'], text: string) => {
      frames.push({ at: Date.now(), url: socket.url, socket: number, side, text });
    };
    socket.addEventListener('message', ({ data }) => note('toClient', String(data)));
    const send = socket.send.bind(socket);
    socket.send = (data) => {
      note('fromClient', String(data));
      send(data);
    };
    return socket;
  },
});
