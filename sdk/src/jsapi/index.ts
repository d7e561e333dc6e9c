import { Jsapi } from './jsapi.js';

/** Calls and text messages between people. */
export const JSAPI = new Jsapi();

export { Jsapi, type Capabilities, type ChainsPage, type HistoryPage, type JsapiState } from './jsapi.js';
export { Call } from './call.js';
export type { CallEvents } from './call_events.js';
export type { CallChanges, OverReason } from './call_news.js';
export { JsapiError, type JsapiErrorName } from './errors.js';
export type { DisconnectReason, JsapiEvents } from './events.js';
export type {
  CallInChain,
  CallRecord,
  CallState,
  ChainSummary,
  CustomReceived,
  Device,
  EndReason,
  ErrorDetails,
  LegState,
  LegView,
  MediaKinds,
  MediaState,
  OwnProfile,
  ParticipantRecord,
  ParticipantState,
  ProfileChanges,
  Role,
} from './messages.js';
export type {
  Credentials,
  JsapiConnectOptions,
  JsapiOptions,
  KeyValueStorage,
  OpenCallOptions,
  OpenCallRequest,
  PageOptions,
  RenderOptions,
  SomeMedia,
  TakePartOptions,
} from './options.js';
export { Participant, type ParticipantEvents } from './participant.js';
export { ProfileList } from './profiles.js';
export { TextMessage } from './text.js';
