import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { describe, expect, it, vi } from 'vitest';
import generated from '../../src/jsapi/messages.ts?raw';
import { messageTypes } from '../../tools/messages.mjs';
import { asyncApi, kDocument } from './asyncapi.js';

// The document is big, and a busy machine slow.
vi.setConfig({ testTimeout: 60_000 });

const kLocalId = '6f1c2f9e-8a44-4c1b-9b0e-1f2a3b4c5d6e';
const kHead = { callId: 'm7', rev: 3, prev: 2, ts: 1_700_000_000_000 };

function frame(type: string, body: object) {
  return { type, seq: 1, body };
}

describe('spec/asyncapi.yaml', () => {
  it('is an AsyncAPI 3.0 document', () => {
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false }).compile(
      specs.schemasWithoutId['3.0.0'],
    );
    validate(asyncApi.document);
    expect(validate.errors).toBeNull();
  });

  it('has only schemas that compile, and every reference leads somewhere', () => {
    expect(asyncApi.compileAll()).toBeGreaterThan(80);
    const { fromClient, toClient } = asyncApi.document.channels;
    for (const type of Object.keys(fromClient.messages)) asyncApi.problems('fromClient', { type });
    for (const type of Object.keys(toClient.messages)) asyncApi.problems('toClient', { type });
  });

  it('is what src/jsapi/messages.ts was made from: otherwise run `npm run messages -w sdk`', async () => {
    expect(await messageTypes(kDocument)).toBe(generated);
  });

  it('has every message of sections 2 to 8, and a result for each that is answered', () => {
    const unanswered = ['hello', 'bye', 'ping', 'pong', 'ack'];
    const call =
      'init pending ringing accept reject ignore unavailable hangup activate hold resume update invite remove';
    expect(Object.keys(asyncApi.document.channels.fromClient.messages).sort()).toEqual(
      [
        ...unanswered,
        ...['auth.refresh', 'profile.list', 'profile.set', 'custom.message', 'chain.history', 'chain.list'],
        ...['text.add_message', 'text.edit_message', 'text.remove_message'],
        ...`${call} sync`.split(' ').map((name) => `call.${name}`),
      ].sort(),
    );
    const silent = Object.entries(asyncApi.document.channels.fromClient.messages).filter(
      ([, message]) => !message['x-result'],
    );
    expect(silent.map(([type]) => type)).toEqual(unanswered);
    const told =
      'init pending ringing init_timeout ringing_timeout accept reject busy ignore hangup reconnecting reconnected ' +
      'drop activate hold resume update invite remove media state end record missed';
    expect(Object.keys(asyncApi.document.channels.toClient.messages).sort()).toEqual(
      [
        ...['welcome', 'error', 'ping', 'pong', 'ack', 'reply', 'sync.done', 'auth.expiring', 'auth.multiconnection'],
        ...['profile.updated', 'custom.message', 'text.add_message', 'text.edit_message', 'text.remove_message'],
        ...told.split(' ').map((name) => `call.${name}`),
      ].sort(),
    );
  });
});

describe('frames of a client', () => {
  it.each([
    { type: 'hello', body: { version: 1, appId: 'a', token: 't' } },
    {
      type: 'hello',
      body: {
        ...{ version: 1, appId: 'a', token: 't', device: { name: 'desk', kind: 'web' }, since: 'u1' },
        resume: { connectionId: 'c1', token: 'r', recv: null },
      },
    },
    { type: 'ack', ack: 7 },
    { type: 'ping' },
    { type: 'bye', body: {} },
    frame('call.init', { localId: kLocalId, from: 'a', to: ['b'], options: { audio: true, video: true } }),
    frame('call.init', {
      localId: kLocalId,
      from: 'a',
      to: ['tel:+15551230100'],
      options: { audio: true, video: false },
    }),
    frame('call.accept', { callId: 'm7', media: { audio: false, video: false } }),
    frame('call.hangup', { callId: 'm7', connectionId: 'c1' }),
    { ...frame('call.ringing', { callId: 'm7' }), ack: 4, later: 'unknown members are ignored' },
  ])('takes $type', (one) => {
    expect(asyncApi.problems('fromClient', one)).toEqual([]);
  });

  it.each([
    ['an unknown version', { type: 'hello', body: { version: 2, appId: 'a', token: 't' } }],
    ['a sequenced ping', { type: 'ping', seq: 1 }],
    ['no seq', { type: 'call.ringing', body: { callId: 'm7' } }],
    ['seq 0', { type: 'call.ringing', seq: 0, body: { callId: 'm7' } }],
    ['no body', { type: 'call.ringing', seq: 1 }],
    ['an id with a space', frame('call.ringing', { callId: 'm 7' })],
    [
      'no receiver',
      frame('call.init', { localId: kLocalId, from: 'a', to: [], options: { audio: true, video: true } }),
    ],
    [
      'no media',
      frame('call.init', { localId: kLocalId, from: 'a', to: ['b'], options: { audio: false, video: false } }),
    ],
    [
      'a local id that is none',
      frame('call.init', { localId: 'x', from: 'a', to: ['b'], options: { audio: true, video: true } }),
    ],
    ['a number that is not E.164', frame('call.invite', { callId: 'm7', profileIds: ['tel:0123'] })],
    ['an unknown reason', frame('call.reject', { callId: 'm7', reason: 'tired' })],
    ['a limit above 100', frame('chain.list', { profileId: 'a', limit: 101 })],
  ])('refuses %s', (_, one) => {
    expect(asyncApi.problems('fromClient', one)).not.toEqual([]);
  });
});

describe('frames of the server', () => {
  it.each([
    frame('reply', { re: 1, ok: true, result: { callId: 'm7', chainId: 'm7' } }),
    frame('reply', {
      ...{ re: 2, ok: false },
      error: { code: 4092, name: 'call_ended', message: 'The call is over', details: { endReason: 'cancelled' } },
    }),
    frame('call.ringing', { ...kHead, profileId: 'b', connectionId: 'c3' }),
    frame('call.end', { ...kHead, endReason: 'hangup', durationMs: 1000 }),
    { type: 'error', body: { code: 4003, name: 'unsupported_version', message: 'Version 9' } },
  ])('takes $type', (one) => {
    expect(asyncApi.problems('toClient', one)).toEqual([]);
  });

  it.each([
    [
      'an error with the code of another',
      frame('reply', { re: 2, ok: false, error: { code: 4092, name: 'not_found', message: '' } }),
    ],
    [
      'a result and an error',
      frame('reply', { re: 2, ok: true, result: {}, error: { code: 5000, name: 'internal', message: '' } }),
    ],
    ['an answer without result', frame('reply', { re: 2, ok: true })],
    ['a message of a call without prev', frame('call.hold', { callId: 'm7', rev: 3, ts: 1, profileId: 'b' })],
    ['a local end reason', frame('call.end', { ...kHead, endReason: 'merged' })],
  ])('refuses %s', (_, one) => {
    expect(asyncApi.problems('toClient', one)).not.toEqual([]);
  });

  it('knows the results of replies', () => {
    expect(asyncApi.resultProblems('call.init', { callId: 'm7', chainId: 'm7', merged: true })).toEqual([]);
    expect(asyncApi.resultProblems('call.init', {})).not.toEqual([]);
    expect(asyncApi.resultProblems('call.hangup', {})).toEqual([]);
  });
});
