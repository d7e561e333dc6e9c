import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';

/** Who says a message. */
export type Side = 'fromClient' | 'toClient';

interface Message {
  'x-result'?: object;
}

interface Document {
  channels: Record<Side, { messages: Record<string, Message> }>;
  components: { schemas: Record<string, object> };
}

const kKeywords = ['x-result', 'asyncapi', 'info', 'defaultContentType', 'servers', 'channels', 'operations'];

/** The published description of JSAPI's socket, to hold frames against; stories with a real server use it as well. */
export class AsyncApi {
  /** The document, parsed. */
  readonly document: Document;
  // JSON Schema draft 7, which AsyncAPI 3.0 takes a schema for unless it says otherwise.
  private readonly ajv = new Ajv({
    strict: true,
    allErrors: true,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
  });
  // Compiled once each: stories check every frame.
  private readonly checks = new Map<string, ValidateFunction>();

  /** @param text of spec/asyncapi.yaml. */
  constructor(text: string) {
    this.document = parse(text) as Document;
    this.ajv.addVocabulary(kKeywords);
    this.ajv.addKeyword('components');
    this.ajv.addSchema(this.document, 'asyncapi');
  }

  /** What is wrong with a frame that this side says; empty when nothing is. */
  problems(side: Side, frame: { type: string }): string[] {
    if (!this.document.channels[side].messages[frame.type]) return [`${frame.type} is not described`];
    return this.wrong(`${side}/messages/${frame.type}/payload`, frame);
  }

  /** What is wrong with the `result` of a reply to a message of this type. */
  resultProblems(type: string, result: unknown): string[] {
    return this.wrong(`fromClient/messages/${type}/x-result`, result);
  }

  /** Compiles every schema, which throws where one is not a good one. */
  compileAll(): number {
    const names = Object.keys(this.document.components.schemas);
    for (const name of names) this.ajv.compile({ $ref: `asyncapi#/components/schemas/${name}` });
    return names.length;
  }

  private wrong(pointer: string, value: unknown): string[] {
    const check = this.checks.get(pointer) ?? this.ajv.compile({ $ref: `asyncapi#/channels/${pointer}` });
    this.checks.set(pointer, check);
    check(value);
    return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  }
}
