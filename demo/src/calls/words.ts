import type { Call, CallRecord, JsapiError, JsapiErrorName, ParticipantState } from '@crosspoint/client';

/** What became of a participant, beside its name. */
export const kParticipantWords: Record<ParticipantState, string> = {
  inviting: 'Calling…',
  ringing: 'Ringing…',
  active: 'In the call',
  reconnecting: 'Reconnecting…',
  rejected: 'Declined',
  busy: 'Busy',
  unreachable: 'Not reachable',
  timeout: 'No answer',
  left: 'Left',
  lost: 'Connection lost',
  removed: 'Removed',
  cancelled: 'Cancelled',
};

const kEndWords: Partial<Record<string, string>> = {
  cancelled: 'Call cancelled',
  rejected: 'Call declined',
  busy: 'Busy in another call',
  no_answer: 'No answer',
  timeout: 'No answer',
  unreachable: 'Not reachable',
  hangup: 'Call ended',
  lost: 'The connection was lost',
  removed: 'You were removed from the call',
  initiator_lost: 'The caller lost the connection',
  superseded: 'Replaced by a newer call',
  max_duration: 'The call has reached its longest duration',
  media_failed: 'Sound and picture could not be connected',
  terminated: 'The call was ended by an administrator',
};

/** Why a call is over, or nothing where that needs no saying. */
export function endWords(reason: string): string | undefined {
  return kEndWords[reason];
}

const kErrorWords: Partial<Record<JsapiErrorName, string>> = {
  not_connected: 'There is no connection to the server right now.',
  rate_limited: 'That was too much at once. Wait a moment.',
  too_large: 'That text is too long.',
  already_accepted: 'The call was answered on another of your devices.',
  call_ended: 'The call is over.',
  conflict: 'Another of your devices was faster.',
  connection_busy: 'This device is in another call. Hold that one first.',
  chain_busy: 'There is a call in this conversation already.',
  already_calling: 'You are calling already.',
  already_in_call: 'You are in a call with each other already.',
  not_active: 'The call is on another of your devices.',
  not_found: 'That is not there any more.',
  media_denied: 'Microphone or camera are blocked. Allow them in the address bar of your browser.',
  no_device: 'No microphone or camera was found.',
  too_many: 'There is no room for more.',
};

/** An error for people. */
export function errorWords(error: unknown): string {
  const { name, message } = error as JsapiError;
  return kErrorWords[name] ?? message;
}

/** "voice call" or "video call". */
export function kindWords({ video }: { video: boolean }): string {
  return video ? 'video call' : 'voice call';
}

/** With a capital at the beginning. */
export function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "0:07", "12:34" or "1:02:03". */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number: number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

/** Whether somebody has missed this call (jsapi MISS-1). */
export function isMissed(record: CallRecord, profileId: string): boolean {
  if (record.endedAt === undefined || record.endReason === 'glare' || !record.to.includes(profileId)) return false;
  const outcome = record.participants.find(({ id }) => id === profileId)?.outcome ?? '';
  return ['timeout', 'unreachable', 'busy', 'cancelled'].includes(outcome);
}

/** What a call was, in a history: what happened, and how long it took. */
export function recordWords(record: CallRecord, profileId: string): string {
  const kind = kindWords(record.options);
  const outgoing = record.from === profileId;
  if (record.endedAt === undefined) return `Ongoing ${kind}`;
  if (isMissed(record, profileId)) return `Missed ${kind}`;
  const own = record.participants.find(({ id }) => id === profileId)?.outcome;
  if (!outgoing && own === 'rejected') return `You declined a ${kind}`;
  if (!outgoing && own === 'ignored') return `You silenced a ${kind}`;
  const what = `${outgoing ? 'Outgoing' : 'Incoming'} ${kind}`;
  if (record.answeredAt !== undefined) return `${what} · ${clock(record.endedAt - record.answeredAt)}`;
  const why = endWords(record.endReason ?? '') ?? 'ended';
  return `${what} · ${why.toLowerCase().replace(/^call /, '')}`;
}

/** State of a call as its own side sees it. */
export function callWords(call: Call): string {
  if (call.state === 'opening') return 'Connecting…';
  if (call.state === 'init') return 'Calling…';
  if (call.state === 'ringing') return 'Ringing…';
  if (call.me?.state === 'reconnecting') return 'Reconnecting…';
  return '';
}
