/** Why the server refuses a device, said just before it closes the socket for good. */
export type RefusalCode = 'tokenInvalid' | 'replaced' | 'participantDeleted' | 'left';

/** What went wrong, for programs; {@link CrosspointError.message} says it for people. */
export type ErrorCode =
  | RefusalCode
  /** The server closed the connection for good without saying why. */
  | 'closedByServer'
  /** The application called `disconnect()`, or the page went away. */
  | 'disconnected'
  /** The call needs a connection and there is none. */
  | 'notConnected'
  /** `connect()` was called while connected. */
  | 'alreadyConnected'
  /** No server answered in time. */
  | 'timeout'
  /** The socket was lost before the answer came; the request may or may not have been carried out. */
  | 'connectionLost'
  /** The server answered a request with an error; see {@link CrosspointError.rpcCode}. */
  | 'rejected'
  /** The user or the browser's policy does not allow the microphone, the camera or the screen. */
  | 'permissionDenied'
  /** There is no such microphone or camera. */
  | 'deviceNotFound'
  /** Another program holds the microphone or the camera. */
  | 'deviceBusy'
  /** The page is not served over HTTPS (or from localhost), so the browser gives it no media. */
  | 'insecureContext'
  /** The browser or the stream cannot do this. */
  | 'unsupported';

/** Every error that this SDK throws or rejects with. */
export class CrosspointError extends Error {
  override readonly name = 'CrosspointError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** JSON-RPC error code, with `rejected` only. */
    readonly rpcCode?: number,
  ) {
    super(message);
  }
}
