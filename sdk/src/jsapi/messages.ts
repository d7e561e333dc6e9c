// Made from spec/asyncapi.yaml by `npm run messages -w sdk`; changed there, not here.
// The messages of the JSAPI socket.

export type Type = string;
export type Seq = number;
export type Ack = number;
export type Id = string;
/**
 * UUID, version 4, made by the client (ID-4).
 */
export type LocalId = string;
/**
 * A server id, or `tel:` and an E.164 number (ID-5); `tel:anonymous` is a withheld one (PST-4).
 */
export type ProfileId = string;
export type Milliseconds = number;
/**
 * Milliseconds since 1970 by the server's clock.
 */
export type Time = number;
/**
 * Cursor in the user log (6.3); opaque.
 */
export type Useq = string;
/**
 * Place in a chain; grows, with gaps that mean nothing (CHN-5).
 */
export type Position = number;
export type Text = string;
export type ProfileKind = 'user' | 'phone';
export type BusyPolicy = 'ring' | 'reject';
export type CallPolicy = 'anyone' | 'contacts' | 'nobody';
export type Limit = number;
export type ChainMessage = TextRecord | CallInChain;
export type EndReason =
  | 'cancelled'
  | 'rejected'
  | 'busy'
  | 'no_answer'
  | 'unreachable'
  | 'hangup'
  | 'lost'
  | 'removed'
  | 'initiator_lost'
  | 'glare'
  | 'superseded'
  | 'max_duration'
  | 'media_failed'
  | 'terminated';
/**
 * The last state (9.2), or `answered` if it was ever in; `ignored` for the reader only (6.1).
 */
export type Outcome =
  | 'answered'
  | 'ignored'
  | 'inviting'
  | 'ringing'
  | 'active'
  | 'reconnecting'
  | 'rejected'
  | 'busy'
  | 'unreachable'
  | 'timeout'
  | 'left'
  | 'lost'
  | 'cancelled'
  | 'removed';
/**
 * Place in a list of chains; opaque.
 */
export type ChainCursor = string;
export type CallState = 'init' | 'ringing' | 'active' | 'ended';
export type ParticipantState =
  | 'inviting'
  | 'ringing'
  | 'active'
  | 'reconnecting'
  | 'rejected'
  | 'busy'
  | 'unreachable'
  | 'timeout'
  | 'left'
  | 'lost'
  | 'cancelled'
  | 'removed';
export type LegState = 'invited' | 'ringing' | 'active' | 'reconnecting' | 'pending' | 'passive';
export type Role = 'active initiator' | 'passive initiator' | 'active receiver' | 'passive receiver' | 'receiver';
export type MediaState = 'none' | 'connecting' | 'connected' | 'reconnecting' | 'failed';
export type ProfileNews = CallNews & {
  profileId: ProfileId;
};
export type ConnectionNews = CallNews & {
  profileId: ProfileId;
  connectionId: Id;
};
export type DecisionNews = CallNews & {
  profileId: ProfileId;
  connectionId?: Id;
};
export type OwnConnectionNews = CallNews & {
  connectionId: Id;
};
export type CallInitNews = CallNews & {
  call: CallView;
  /**
   * The own profile that is concerned.
   */
  receiver?: ProfileId;
  /**
   * The connection that opened the call.
   */
  connectionId: Id;
  /**
   * To the initiator's user only.
   */
  localId?: LocalId;
  role?: Role;
  /**
   * To receivers; what is left of the ring timer, or `ringTimeoutMs` if it has not started.
   */
  expiresInMs?: Milliseconds;
  /**
   * It must not ring (RCV-5).
   */
  silent?: boolean;
  /**
   * The own call that lost a crossing to this one (GLR-5).
   */
  replaces?: Id;
};
export type CallAcceptNews = CallNews & {
  profileId: ProfileId;
  connectionId: Id;
  media: MediaKinds;
  /**
   * Of the opened call that became this answer; to its connection only (GLR-1).
   */
  localId?: LocalId;
};
export type CallActivateNews = CallNews & {
  profileId: ProfileId;
  connectionId: Id;
  /**
   * The connection that was active before.
   */
  from: Id;
};
export type CallUpdateNews = CallNews & {
  profileId: ProfileId;
  media?: MediaKinds;
  mediaState?: MediaState;
  options?: MediaKinds;
};
export type CallInviteNews = CallNews & {
  /**
   * @minItems 1
   */
  participants: ParticipantView[];
  /**
   * Absent where nobody invited, but a device came back (9.2).
   */
  invitedBy?: ProfileId;
  /**
   * They are known already and ring again.
   */
  again?: boolean;
};
export type CallMediaNews = CallNews & {
  /**
   * MED-4
   */
  mediaEpoch: number;
  sessionId: string;
  participantId: string;
  /**
   * Secret (SEC-4).
   */
  deviceToken: string;
  /**
   * Where the device socket is, without its path `/v3/`; empty where it is on this socket's host.
   */
  url: string;
  publish: MediaKinds;
};
export type CallStateNews = CallNews & {
  call: CallView;
  role: Role;
};
export type CallEndNews = CallNews & {
  endReason: EndReason;
  replacedBy?: Id;
  durationMs?: Milliseconds;
};

/**
 * Unsequenced, has no reply and is never sent again.
 */
export interface PlainFrame {
  type: Type;
  ack?: Ack;
  body?: {};
}
/**
 * Kept until it is acknowledged, and sent again after a resume.
 */
export interface SequencedFrame {
  type: Type;
  seq: Seq;
  ack?: Ack;
  body: {};
}
export interface Nothing {}
export interface MediaKinds {
  audio: boolean;
  video: boolean;
}
/**
 * Shown only to the same user.
 */
export interface Device {
  name?: string;
  kind?: 'desktop' | 'mobile' | 'web' | 'server';
}
export interface TextContent {
  text: Text;
}
/**
 * What the client needs to converge (9.3).
 */
export interface ErrorDetails {
  /**
   * bad_argument
   */
  field?: string;
  /**
   * wrong_state: that of the own participant, or of the message
   */
  state?: string;
  /**
   * already_accepted, conflict: the active connection
   */
  connectionId?: string;
  /**
   * call_ended
   */
  endReason?: string;
  /**
   * chain_busy, connection_busy, already_calling, already_in_call
   */
  callId?: string;
  /**
   * rate_limited
   */
  retryAfterMs?: number;
}
export interface Fault {
  code: number;
  name: string;
  /**
   * English, for logs
   */
  message: string;
  details?: ErrorDetails;
}
export interface Reply {
  re: Seq;
  ok: boolean;
  result?: {};
  error?: Fault;
}
export interface Hello {
  version: 1;
  appId: string;
  token: string;
  device?: Device;
  resume?: Resume;
  since?: Useq;
}
/**
 * The connection to come back to; `recv` null where its state was lost, as by a page reload (CON-6).
 */
export interface Resume {
  connectionId: Id;
  token: string;
  recv: number | null;
}
export interface Welcome {
  connectionId: Id;
  userId: Id;
  /**
   * Those that the token allows.
   */
  profiles: OwnProfile[];
  /**
   * Whether this is the connection that was to be resumed.
   */
  resumed: boolean;
  /**
   * Both sequences start again at 1 and a snapshot follows (CON-6)
   */
  fresh: boolean;
  recv: Ack;
  /**
   * Secret and good for one resume (CON-7).
   */
  resumeToken: string;
  resumeWindowMs: Milliseconds;
  pingMs: Milliseconds;
  expiresInMs: Milliseconds;
  /**
   * How many this user has.
   */
  connections: number;
  limits: Limits;
}
export interface OwnProfile {
  id: ProfileId;
  kind: ProfileKind;
  nickname: string;
  dnd: boolean;
  busyPolicy: BusyPolicy;
  callPolicy: CallPolicy;
  wakeable: boolean;
}
/**
 * Section 13; in bytes, of UTF-8 where it is text.
 */
export interface Limits {
  frameBytes: number;
  textBytes: number;
  customBytes: number;
  receiversPerMessage: number;
  participantsPerCall: number;
  connectionsPerUser: number;
  liveCallsPerUser: number;
  /**
   * Outgoing ones.
   */
  unansweredCallsPerUser: number;
  /**
   * `call.init`, for each user
   */
  callsPerMinute: number;
  /**
   * `text.add_message`, for each user
   */
  textsPerMinute: number;
  /**
   * All others, for each connection
   */
  messagesPerSecond: number;
}
export interface SyncDone {
  useq: Useq;
  /**
   * The log had more; read the history.
   */
  logTruncated?: boolean;
}
export interface AuthRefresh {
  token: string;
}
/**
 * Without a time, `auth.expiring` says when the token is about to expire.
 */
export interface AuthRefreshed {
  expiresInMs?: Milliseconds;
}
export interface AuthExpiring {
  expiresInMs: Milliseconds;
}
export interface AuthMulticonnection {
  count: number;
}
export interface ProfileList {
  profiles: OwnProfile[];
}
export interface ProfileChanges {
  profileId: ProfileId;
  nickname?: string;
  dnd?: boolean;
  busyPolicy?: BusyPolicy;
  callPolicy?: CallPolicy;
}
export interface ProfileUpdated {
  profile: OwnProfile;
}
export interface TextAdd {
  localId: LocalId;
  sender: ProfileId;
  /**
   * @minItems 1
   * @maxItems 256
   */
  receivers: ProfileId[];
  chainId?: Id;
  content: TextContent;
}
export interface TextAdded {
  id: Id;
  chainId: Id;
  pos: Position;
  ts: Time;
}
export interface TextEdit {
  id: Id;
  content: TextContent;
}
export interface TextRemove {
  id: Id;
}
/**
 * The version that the message has now.
 */
export interface TextVersion {
  version: number;
}
export interface LoggedText {
  id: Id;
  localId?: LocalId;
  chainId: Id;
  pos: Position;
  sender: ProfileId;
  receivers: ProfileId[];
  /**
   * The profile of the connected user that it concerns; of the sender's user, the sender.
   */
  receiver: ProfileId;
  connectionId: Id;
  content: TextContent;
  version: number;
  ts: Time;
  useq: Useq;
}
export interface TextRemoved {
  id: Id;
  chainId: Id;
  version: number;
  useq: Useq;
}
export interface CustomSend {
  from: ProfileId;
  /**
   * @minItems 1
   * @maxItems 256
   */
  to: ProfileId[];
  /**
   * At most 255 bytes of UTF-8.
   */
  content: string;
}
export interface CustomReceived {
  from: ProfileId;
  receiver: ProfileId;
  content: string;
  ts: Time;
}
export interface ChainHistoryQuery {
  profileId: ProfileId;
  chainId: Id;
  before?: Position;
  limit: Limit;
}
export interface ChainHistory {
  /**
   * @maxItems 100
   */
  messages: ChainMessage[];
  more: boolean;
}
export interface TextRecord {
  kind: 'text';
  id: Id;
  chainId: Id;
  pos: Position;
  sender: ProfileId;
  receivers: ProfileId[];
  connectionId?: Id;
  /**
   * Absent once it is removed.
   */
  content?: TextContent;
  version: number;
  removed?: boolean;
  ts: Time;
}
export interface CallInChain {
  kind: 'call';
  id: Id;
  chainId: Id;
  pos: Position;
  record: CallRecord;
}
/**
 * What a call leaves in its chain (6.1); live as long as it has no `endedAt`.
 */
export interface CallRecord {
  callId: Id;
  chainId: Id;
  from: ProfileId;
  to: ProfileId[];
  options: MediaKinds;
  createdAt: Time;
  answeredAt?: Time;
  endedAt?: Time;
  endReason?: EndReason;
  replacedBy?: Id;
  /**
   * @minItems 1
   */
  participants: ParticipantRecord[];
}
export interface ParticipantRecord {
  id: ProfileId;
  outcome: Outcome;
  joinedAt?: Time;
  leftAt?: Time;
}
export interface ChainListQuery {
  profileId: ProfileId;
  before?: ChainCursor;
  limit: Limit;
}
export interface ChainList {
  /**
   * @maxItems 100
   */
  chains: ChainSummary[];
  more: boolean;
  /**
   * The `before` of the next page, if there is more.
   */
  next?: ChainCursor;
}
export interface ChainSummary {
  chainId: Id;
  /**
   * When the newest message came that the profile may see.
   */
  latestAt: Time;
}
export interface LoggedCall {
  record: CallRecord;
  useq: Useq;
}
export interface CallRef {
  callId: Id;
}
export interface CallInit {
  localId: LocalId;
  from: ProfileId;
  /**
   * @minItems 1
   * @maxItems 19
   */
  to: ProfileId[];
  chainId?: Id;
  /**
   * Not both false (OPEN-5).
   */
  options: MediaKinds;
  /**
   * LAST-1
   */
  replace?: boolean;
  /**
   * SLOT-1
   */
  holdOthers?: boolean;
  ringTimeoutMs?: number;
}
export interface CallOpened {
  callId: Id;
  chainId: Id;
  /**
   * It became an answer to this call (GLR-1)
   */
  merged?: boolean;
}
export interface CallAccept {
  callId: Id;
  media: MediaKinds;
  /**
   * SLOT-1
   */
  holdOthers?: boolean;
}
export interface CallReject {
  callId: Id;
  reason: 'declined' | 'busy';
}
export interface CallUnavailable {
  callId: Id;
  reason: 'no_media' | 'busy' | 'unsupported';
}
export interface CallHangup {
  callId: Id;
  /**
   * An own earlier connection that it was made on (SEQ-9); by default, the sender.
   */
  connectionId?: Id;
}
export interface CallActivate {
  callId: Id;
  /**
   * The active connection that the sender knows (HAND-1).
   */
  expect: Id;
  media: MediaKinds;
  /**
   * SLOT-1
   */
  holdOthers?: boolean;
}
export interface CallResume {
  callId: Id;
  /**
   * SLOT-1
   */
  holdOthers?: boolean;
}
export interface CallUpdate {
  callId: Id;
  media: MediaKinds;
}
export interface CallInvite {
  callId: Id;
  /**
   * @minItems 1
   * @maxItems 19
   */
  profileIds: ProfileId[];
}
export interface CallRemove {
  callId: Id;
  profileId: ProfileId;
}
export interface CallSync {
  callId: Id;
  /**
   * The last that was applied.
   */
  rev: number;
}
export interface LegView {
  id: Id;
  role: Role;
  state: LegState;
}
export interface ParticipantView {
  id: ProfileId;
  kind: ProfileKind;
  role: 'initiator' | 'receiver';
  state: ParticipantState;
  media: MediaKinds;
  mediaState: MediaState;
  held: boolean;
  activeConnectionId?: Id;
  ringingConnectionIds: Id[];
  /**
   * Of the viewer's own participant only (SEC-3).
   */
  connections?: LegView[];
}
export interface CallView {
  id: Id;
  chainId: Id;
  from: ProfileId;
  to: ProfileId[];
  connectionId: Id;
  options: MediaKinds;
  state: CallState;
  rev: number;
  createdAt: Time;
  answeredAt?: Time;
  endedAt?: Time;
  endReason?: EndReason;
  replaces?: Id;
  replacedBy?: Id;
  /**
   * @minItems 1
   */
  participants: ParticipantView[];
}
/**
 * What every message of a call carries (SEQ-4).
 */
export interface CallNews {
  callId: Id;
  rev: number;
  prev: number;
  ts: Time;
}

/** What a client says, and the body of each. */
export interface ClientBodies {
  hello: Hello;
  bye: Nothing;
  ping: Nothing;
  pong: Nothing;
  'auth.refresh': AuthRefresh;
  'profile.list': Nothing;
  'profile.set': ProfileChanges;
  'text.add_message': TextAdd;
  'text.edit_message': TextEdit;
  'text.remove_message': TextRemove;
  'custom.message': CustomSend;
  'chain.history': ChainHistoryQuery;
  'chain.list': ChainListQuery;
  'call.init': CallInit;
  'call.pending': CallRef;
  'call.ringing': CallRef;
  'call.accept': CallAccept;
  'call.reject': CallReject;
  'call.ignore': CallRef;
  'call.unavailable': CallUnavailable;
  'call.hangup': CallHangup;
  'call.activate': CallActivate;
  'call.hold': CallRef;
  'call.resume': CallResume;
  'call.update': CallUpdate;
  'call.invite': CallInvite;
  'call.remove': CallRemove;
  'call.sync': CallSync;
}

/** What the sequenced ones of it are answered with. */
export interface ClientResults {
  'auth.refresh': AuthRefreshed;
  'profile.list': ProfileList;
  'profile.set': Nothing;
  'text.add_message': TextAdded;
  'text.edit_message': TextVersion;
  'text.remove_message': TextVersion;
  'custom.message': Nothing;
  'chain.history': ChainHistory;
  'chain.list': ChainList;
  'call.init': CallOpened;
  'call.pending': Nothing;
  'call.ringing': Nothing;
  'call.accept': Nothing;
  'call.reject': Nothing;
  'call.ignore': Nothing;
  'call.unavailable': Nothing;
  'call.hangup': Nothing;
  'call.activate': Nothing;
  'call.hold': Nothing;
  'call.resume': Nothing;
  'call.update': Nothing;
  'call.invite': Nothing;
  'call.remove': Nothing;
  'call.sync': Nothing;
}

/** What the server says, and the body of each. */
export interface ServerBodies {
  welcome: Welcome;
  error: Fault;
  ping: Nothing;
  pong: Nothing;
  reply: Reply;
  'sync.done': SyncDone;
  'auth.expiring': AuthExpiring;
  'auth.multiconnection': AuthMulticonnection;
  'profile.updated': ProfileUpdated;
  'text.add_message': LoggedText;
  'text.edit_message': LoggedText;
  'text.remove_message': TextRemoved;
  'custom.message': CustomReceived;
  'call.record': LoggedCall;
  'call.missed': LoggedCall;
  'call.init': CallInitNews;
  'call.pending': OwnConnectionNews;
  'call.ringing': ConnectionNews;
  'call.init_timeout': ProfileNews;
  'call.ringing_timeout': ProfileNews;
  'call.accept': CallAcceptNews;
  'call.reject': DecisionNews;
  'call.busy': DecisionNews;
  'call.ignore': OwnConnectionNews;
  'call.hangup': ConnectionNews;
  'call.reconnecting': ConnectionNews;
  'call.reconnected': ConnectionNews;
  'call.drop': ConnectionNews;
  'call.activate': CallActivateNews;
  'call.hold': ProfileNews;
  'call.resume': ProfileNews;
  'call.update': CallUpdateNews;
  'call.invite': CallInviteNews;
  'call.remove': ProfileNews;
  'call.media': CallMediaNews;
  'call.state': CallStateNews;
  'call.end': CallEndNews;
}

/** Codes of the errors that the server answers, by their names (section 14). */
export const kErrorCodes = {
  bad_message: 4000,
  bad_argument: 4001,
  unknown_type: 4002,
  unsupported_version: 4003,
  unsupported: 4004,
  unauthenticated: 4010,
  token_expired: 4011,
  forbidden: 4030,
  forbidden_profile: 4031,
  self_call: 4032,
  pstn_forbidden: 4033,
  not_found: 4040,
  wrong_state: 4090,
  already_accepted: 4091,
  call_ended: 4092,
  chain_busy: 4093,
  not_active: 4094,
  conflict: 4095,
  connection_busy: 4096,
  already_calling: 4097,
  already_in_call: 4098,
  too_large: 4130,
  too_many: 4131,
  rate_limited: 4290,
  internal: 5000,
  unavailable: 5030,
} as const;
