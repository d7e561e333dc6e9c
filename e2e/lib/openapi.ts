import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { parse } from 'yaml';
import type { Answer } from './rest.js';

const FILE = fileURLToPath(new URL('../../spec/openapi.yaml', import.meta.url));
// Its CommonJS default export, as ES modules see it.
const addFormats = addFormatsModule as unknown as typeof addFormatsModule.default;

/** The published description of the REST API, to hold real answers against. */
export class OpenApi {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  // Compiled once each.
  private readonly checks = new Map<string, ValidateFunction>();

  private constructor(private readonly document: any) {
    addFormats(this.ajv);
    this.ajv.addSchema(document, 'openapi');
  }

  static async load(): Promise<OpenApi> {
    return new OpenApi(parse(await readFile(FILE, 'utf8')));
  }

  /** Every operation below this server, as "get /path". */
  operations(server: string): string[] {
    const verbs = ['get', 'put', 'post', 'delete', 'patch'];
    return Object.entries<any>(this.document.paths).flatMap(([path, item]) => {
      const servers: { url: string }[] = item.servers ?? this.document.servers;
      if (!servers.some(({ url }) => url === server)) return [];
      return verbs.filter((verb) => verb in item).map((verb) => `${verb} ${path}`);
    });
  }

  /** Every status of every operation below this server, as "get /path 200". */
  statuses(server: string): string[] {
    return this.operations(server).flatMap((operation) => {
      const [verb, path] = operation.split(' ') as [string, string];
      return Object.keys(this.document.paths[path][verb].responses).map((status) => `${operation} ${status}`);
    });
  }

  /** What is wrong with this answer to `method path` (path as the document spells it); empty when nothing is. */
  problems(method: string, path: string, answer: Pick<Answer, 'status' | 'text' | 'json'>): string[] {
    const verb = method.toLowerCase();
    const where = this.documentPath(path);
    if (where === undefined) return [`${path} is not described`];
    const response = this.resolve(['paths', where, verb, 'responses', String(answer.status)]);
    if (!response.node) return [`${method} ${path}: status ${answer.status} is not described`];
    const content = response.node.content?.['application/json'];
    if (!content) return answer.text === '' ? [] : [`${method} ${path}: ${answer.status} has a body`];
    const pointer = [...response.pointer, 'content', 'application/json', 'schema'].map(escape).join('/');
    const validate = this.checks.get(pointer) ?? this.ajv.compile({ $ref: `openapi#/${pointer}` });
    this.checks.set(pointer, validate);
    if (validate(answer.json)) return [];
    return validate.errors!.map(
      (error) => `${method} ${path} ${answer.status}: ${error.instancePath} ${error.message}`,
    );
  }

  /** The document's own key for a path, whether its servers or its paths carry the prefix. */
  private documentPath(path: string): string | undefined {
    return Object.keys(this.document.paths).find((key) => path === key || path.endsWith(key) || key.endsWith(path));
  }

  private resolve(pointer: string[]): { node: any; pointer: string[] } {
    const node = pointer.reduce((at, key) => at?.[key], this.document);
    if (typeof node?.$ref !== 'string') return { node, pointer };
    return this.resolve(node.$ref.slice(2).split('/'));
  }
}

function escape(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}
