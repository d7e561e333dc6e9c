import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { AsyncApi, type Side } from '../../sdk/test/jsapi/async_api.js';
import { OpenApi } from './openapi.js';

// What the server's own tests said and heard (src/base/recording.h), against the descriptions in spec/. tools/test.sh
// runs those tests first and says where they have written; whoever runs this alone, without the variable, skips it.
const directory = process.env['CROSSPOINT_RECORDED'];
vi.setConfig({ testTimeout: 60_000 }); // thousands of frames
const asyncApi = new AsyncApi(readFileSync(new URL('../../spec/asyncapi.yaml', import.meta.url), 'utf8'));

function lines<Line>(file: string): Line[] {
  const text = readFileSync(join(directory!, file), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

interface Recorded {
  side: Side;
  frame: { type: string; body?: any };
  /** Of a reply: the type of what it answers. */
  answers?: string;
  /** Of a message: the error's name, or nothing when it was taken. */
  refused?: string;
}

interface RecordedAnswer {
  method: string;
  path: string;
  status: number;
  body: string;
}

// Refused for their form alone, so the description must not allow them either.
const kOfForm = ['bad_message', 'bad_argument', 'unknown_type', 'too_large'];
// Refused for their form or for what there is already; or before anybody looked at their form.
const kOfEither = ['too_many', 'rate_limited'];

describe.skipIf(directory === undefined)('frames of JSAPI, as the tests of the server recorded them', () => {
  let all: Recorded[];
  beforeAll(() => {
    all = lines<Recorded>('jsapi_frames.jsonl');
  });

  function wrongOnes(which: (line: Recorded) => boolean, wrong: (line: Recorded) => string[]) {
    const found = all.filter(which).map((line) => ({ line: JSON.stringify(line).slice(0, 600), wrong: wrong(line) }));
    expect(found.length).toBeGreaterThan(100);
    return found.filter((one) => one.wrong.length > 0).slice(0, 10);
  }

  it('are as spec/asyncapi.yaml describes what the server says', () => {
    expect(
      wrongOnes(
        ({ side }) => side === 'toClient',
        ({ frame }) => asyncApi.problems('toClient', frame),
      ),
    ).toEqual([]);
  });

  it('have the results that are described for what they answer', () => {
    const answered = ({ frame, answers }: Recorded) => frame.type === 'reply' && !!answers && frame.body.ok;
    expect(wrongOnes(answered, ({ frame, answers }) => asyncApi.resultProblems(answers!, frame.body.result))).toEqual(
      [],
    );
  });

  it('are described where the server took them', () => {
    const other = [...kOfForm, ...kOfEither];
    const taken = ({ side, refused }: Recorded) => side === 'fromClient' && !other.includes(refused!);
    expect(wrongOnes(taken, ({ frame }) => asyncApi.problems('fromClient', frame))).toEqual([]);
  });

  it('are not allowed by the description where the server refused their form', () => {
    const malformed = ({ side, refused }: Recorded) => side === 'fromClient' && kOfForm.includes(refused!);
    const allowed = ({ frame }: Recorded) => (asyncApi.problems('fromClient', frame).length > 0 ? [] : ['is allowed']);
    expect(wrongOnes(malformed, allowed)).toEqual([]);
  });

  it('leave out no message', () => {
    const taken = all.filter(({ side, refused }) => side === 'fromClient' && refused === '');
    const said = new Set(taken.map(({ frame }) => frame.type));
    const answered = Object.entries(asyncApi.document.channels.fromClient.messages).filter(
      ([, message]) => message['x-result'],
    );
    expect(answered.map(([type]) => type).filter((type) => !said.has(type))).toEqual([]);
    const heard = new Set(all.filter(({ side }) => side === 'toClient').map(({ frame }) => frame.type));
    expect(Object.keys(asyncApi.document.channels.toClient.messages).filter((type) => !heard.has(type))).toEqual([]);
  });
});

describe.skipIf(directory === undefined)(
  'answers of the administration, as the tests of the server recorded them',
  () => {
    let api: OpenApi;
    let all: (RecordedAnswer & { operation: string })[];
    beforeAll(async () => {
      api = await OpenApi.load();
      const operations = api.operations('/admin/v1').map((operation) => ({
        operation,
        pattern: new RegExp(`^${operation.replace(/\{\w+\}/g, '[^/]+')}$`),
      }));
      all = lines<RecordedAnswer>('admin_answers.jsonl').map((line) => ({
        ...line,
        operation:
          operations.find(({ pattern }) => pattern.test(`${line.method.toLowerCase()} /accounts/dev/${line.path}`))
            ?.operation ?? '',
      }));
    });

    it('are as spec/openapi.yaml describes them', () => {
      const described = all.filter(({ operation }) => operation !== '');
      expect(described.length).toBeGreaterThan(100);
      const wrong = described.flatMap(({ operation, method, status, body }) =>
        api.problems(method, operation.split(' ')[1]!, {
          status,
          text: body,
          json: body ? JSON.parse(body) : undefined,
        }),
      );
      expect([...new Set(wrong)]).toEqual([]);
    });

    it('contain every status that is described for what an administrator may ask', () => {
      const seen = new Set(all.map(({ operation, status }) => `${operation} ${status}`));
      expect(api.statuses('/admin/v1').filter((one) => !seen.has(one))).toEqual([]);
    });
  },
);
