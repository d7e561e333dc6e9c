// Loaded before any SDK: remembers the peer connections that the page's SDK keeps to itself.
export const peerConnections: RTCPeerConnection[] = [];

window.RTCPeerConnection = new Proxy(window.RTCPeerConnection, {
  construct(target, args, newTarget) {
    const connection = Reflect.construct(target, args, newTarget) as RTCPeerConnection;
    peerConnections.push(connection);
    return connection;
  },
});
