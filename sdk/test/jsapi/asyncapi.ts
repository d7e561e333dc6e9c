import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import yaml from '../../../spec/asyncapi.yaml?raw';

/** spec/asyncapi.yaml as it stands. */
export const kDocument = yaml;

/** Who says a message. */
export type Side = 'fromClient' | 'toClient';

interface Message {
  'x-result'?: object;
}

// JSON Schema draft 7, which AsyncAPI 3.0 takes a schema for unless it says otherwise.
const ajv = new Ajv({
  strict: true,
  allErrors: true,
  allowUnionTypes: true,
  strictTypes: false,
  strictRequired: false,
});
ajv.addVocabulary(['x-result', 'asyncapi', 'info', 'defaultContentType', 'servers', 'channels', 'operations']);
ajv.addKeyword('components');

/** The document, parsed. */
export const document = parse(yaml) as {
  channels: Record<Side, { messages: Record<string, Message> }>;
  components: { schemas: Record<string, object> };
};
ajv.addSchema(document, 'asyncapi');

// Compiled once each: stories check every frame.
const checks = new Map<string, ValidateFunction>();

function wrong(pointer: string, value: unknown): string[] {
  const check = checks.get(pointer) ?? ajv.compile({ $ref: `asyncapi#/channels/${pointer}` });
  checks.set(pointer, check);
  check(value);
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** What is wrong with a frame that this side says; empty when nothing is. */
export function problems(side: Side, frame: { type: string }): string[] {
  if (!document.channels[side].messages[frame.type]) return [`${frame.type} is not described`];
  return wrong(`${side}/messages/${frame.type}/payload`, frame);
}

/** What is wrong with the `result` of a reply to a message of this type. */
export function resultProblems(type: string, result: unknown): string[] {
  return wrong(`fromClient/messages/${type}/x-result`, result);
}

/** Compiles every schema, which throws where one is not a good one. */
export function compileAll(): number {
  const names = Object.keys(document.components.schemas);
  for (const name of names) ajv.compile({ $ref: `asyncapi#/components/schemas/${name}` });
  return names.length;
}
