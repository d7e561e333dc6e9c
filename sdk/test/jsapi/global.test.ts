import { expect, it } from 'vitest';
import { JSAPI, JsapiError } from '../../src/jsapi/index.js';

it('the bundle for script tags has JSAPI as a global, the very object of the module', async () => {
  expect('JSAPI' in globalThis).toBe(false);
  const { CrosspointClient, JSAPI: exported } = await import('../../src/global.js');
  expect((globalThis as { JSAPI?: unknown }).JSAPI).toBe(JSAPI);
  expect([exported, typeof CrosspointClient]).toEqual([JSAPI, 'function']);
  expect([JSAPI.state, JSAPI.calls, JSAPI.Error]).toEqual(['idle', [], JsapiError]);
});
