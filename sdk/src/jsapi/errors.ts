import { CrosspointError } from '../errors.js';
import { kErrorCodes, type ErrorDetails, type Fault } from './messages.js';

/** Codes of the errors that are made on this side, by their names (jsapi section 14). */
export const kLocalErrorCodes = { not_connected: 4600, media_denied: 4601, no_device: 4602 } as const;

const kAllCodes = { ...kErrorCodes, ...kLocalErrorCodes };

/** Names of all errors; a later server may know more. */
export type JsapiErrorName = keyof typeof kAllCodes;

/** Every error that JSAPI throws or rejects with, as `JSAPI.Error` too. `name` is for programs, `message` for logs. */
export class JsapiError extends Error {
  override readonly name: JsapiErrorName;
  /** The number that belongs to `name`. */
  readonly code: number;

  /** @param details what the error is about, such as `callId` with `chain_busy`. */
  constructor(
    name: JsapiErrorName,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message);
    this.name = name;
    this.code = kAllCodes[name];
  }

  /** What the server has answered. */
  static of({ code, name, message, details }: Fault): JsapiError {
    const error = new JsapiError(name as JsapiErrorName, message, details);
    return Object.assign(error, { code });
  }
}

/** An argument that is wrong. */
export function badArgument(field: string, message: string): JsapiError {
  return new JsapiError('bad_argument', message, { field });
}

/** Why there are no devices, in the words of this API (MED-3). */
export function deviceError(error: unknown): JsapiError {
  const denied = error instanceof CrosspointError && ['permissionDenied', 'insecureContext'].includes(error.code);
  return new JsapiError(denied ? 'media_denied' : 'no_device', error instanceof Error ? error.message : String(error));
}
