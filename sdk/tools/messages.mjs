// Writes src/jsapi/messages.ts from spec/asyncapi.yaml: types of all bodies, which message has which, and error codes.
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import { format } from 'prettier';
import { parse } from 'yaml';

const kDocument = new URL('../../spec/asyncapi.yaml', import.meta.url);
const kOutput = new URL('../src/jsapi/messages.ts', import.meta.url);
const kBanner =
  '// Made from spec/asyncapi.yaml by `npm run messages -w sdk`; changed there, not here.\n' +
  '// The messages of the JSAPI socket.';

// The compiler wants one schema to begin from.
const kRoot = 'AllMessages';

/** Name of the schema that a `$ref` points to. */
const nameOf = ({ $ref }) => $ref.slice($ref.lastIndexOf('/') + 1);

/** An interface with one member for each entry. */
function table(name, description, entries) {
  const lines = entries.map(([key, value]) => `'${key}': ${value};\n`);
  return `\n/** ${description} */\nexport interface ${name} {\n${lines.join('')}}\n`;
}

function bodies({ messages }) {
  const withBody = Object.entries(messages).filter(([, { payload }]) => payload.properties.body);
  return withBody.map(([type, { payload }]) => [type, nameOf(payload.properties.body)]);
}

function results({ messages }) {
  const answered = Object.entries(messages).filter(([, message]) => message['x-result']);
  return answered.map(([type, message]) => [type, nameOf(message['x-result'])]);
}

function codes({ oneOf }) {
  const lines = oneOf.map(({ properties: { name, code } }) => `${name.const}: ${code.const},\n`);
  const comment = '/** Codes of the errors that the server answers, by their names (section 14). */';
  return `\n${comment}\nexport const kErrorCodes = {\n${lines.join('')}} as const;\n`;
}

/** The schemas, compiled to types of the same names. */
async function types(schemas) {
  for (const name of Object.keys(schemas)) {
    // A title gives a type its name, also where it is only a string.
    schemas[name].title = name;
    // What tells values apart and not types, would only clutter these.
    if (schemas[name].type === 'object') delete schemas[name].oneOf;
  }
  const oneOf = Object.keys(schemas).map((name) => ({ $ref: `#/components/schemas/${name}` }));
  const options = { additionalProperties: false, bannerComment: kBanner, ignoreMinAndMaxItems: true, format: false };
  const text = await compile({ oneOf, components: { schemas } }, kRoot, options);
  return text.replace(new RegExp(`export type ${kRoot} = .*\n`), '');
}

/**
 * The TypeScript of an AsyncAPI document.
 *
 * @param {string} yaml the document.
 * @returns {Promise<string>} the whole file.
 */
export async function messageTypes(yaml) {
  const { channels, components } = parse(yaml);
  const { ErrorCode, ...schemas } = components.schemas;
  delete schemas.Fault.allOf;
  const parts = [
    await types(schemas),
    table('ClientBodies', 'What a client says, and the body of each.', bodies(channels.fromClient)),
    table('ClientResults', 'What the sequenced ones of it are answered with.', results(channels.fromClient)),
    table('ServerBodies', 'What the server says, and the body of each.', bodies(channels.toClient)),
    codes(ErrorCode),
  ];
  return format(parts.join(''), { parser: 'typescript', printWidth: 120, singleQuote: true });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(kOutput, await messageTypes(await readFile(kDocument, 'utf8')));
