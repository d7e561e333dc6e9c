import type { Viewer } from './call_view.js';
import { badArgument, JsapiError } from './errors.js';
import type { CallInit, CallView, ParticipantView } from './messages.js';
import type { OpenCallOptions, OpenCallRequest } from './options.js';

/** A call that is to be opened. */
export interface Opening {
  body: CallInit;
  /** Whether it is sent at once. */
  immediate: boolean;
}

/** What `openCall` and `sendTextMessage` take for no chain (OPEN-4). */
export type MaybeChainId = string | null | undefined | false;

/** One id or several, each once. */
export function profileIds(field: string, ids: string | string[]): string[] {
  const all = [...new Set([ids].flat())];
  if (all.length === 0) throw badArgument(field, 'Somebody has to be named');
  if (all.some((id) => typeof id !== 'string' || id === '')) throw badArgument(field, 'A profile id is a string');
  return all;
}

/** `openCall` with one object is `openCall` with four arguments (OPEN-7). */
export function openingOf(request: OpenCallRequest, viewer: Viewer, newLocalId: () => string): Opening {
  const { from, to, chainId, settings = {} } = request;
  const { audio = true, video = false, replace, holdOthers, ringTimeoutMs }: OpenCallOptions = settings;
  if (typeof from !== 'string' || from === '') throw badArgument('from', 'A profile id is a string');
  if (!viewer.profileIds.includes(from))
    throw new JsapiError('forbidden_profile', `${from} is no profile of this user`);
  const receivers = profileIds('to', to);
  if (receivers.some((id) => viewer.profileIds.includes(id))) {
    throw new JsapiError('self_call', 'A user cannot call one of its own profiles');
  }
  if (!audio && !video) throw badArgument('options', 'A call has audio, video, or both');
  return {
    immediate: request.immediate ?? settings.immediate ?? true,
    body: {
      ...{ localId: newLocalId(), from, to: receivers },
      ...(chainId && { chainId }),
      options: { audio, video },
      ...(replace && { replace }),
      ...(holdOthers && { holdOthers }),
      ...(ringTimeoutMs !== undefined && { ringTimeoutMs }),
    },
  };
}

/** What a call looks like before the server has spoken (OPEN-6). */
export function provisionalView({ from, to, options, chainId = '' }: CallInit, viewer: Viewer): CallView {
  const blank = { mediaState: 'none', held: false, ringingConnectionIds: [] } as const;
  const initiator: ParticipantView = {
    ...{ ...blank, id: from, kind: 'user', role: 'initiator', state: 'active', media: options },
    ringingConnectionIds: [],
    activeConnectionId: viewer.connectionId,
    connections: [{ id: viewer.connectionId, role: 'active initiator', state: 'active' }],
  };
  const receivers = to.map((id): ParticipantView => {
    const kind = id.startsWith('tel:') ? 'phone' : 'user';
    return { ...blank, id, kind, role: 'receiver', state: 'inviting', media: options, ringingConnectionIds: [] };
  });
  return {
    ...{ id: '', chainId, from, to, options, connectionId: viewer.connectionId, state: 'init', rev: 0, createdAt: 0 },
    participants: [initiator, ...receivers],
  };
}
