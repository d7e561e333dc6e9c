/** A state that a peer connection of this page came to. `at` is Unix time in ms. */
export interface PeerState {
  at: number;
  state: RTCPeerConnectionState;
}

// Loaded before any SDK: remembers the peer connections that the page's SDK keeps to itself.
export const peerConnections: RTCPeerConnection[] = [];
export const peerStates: PeerState[] = [];

window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
  construct(target, args, newTarget) {
    const connection = Reflect.construct(target, args, newTarget) as RTCPeerConnection;
    peerConnections.push(connection);
    connection.addEventListener('connectionstatechange', () => {
      peerStates.push({ at: Date.now(), state: connection.connectionState });
    });
    return connection;
  },
});
