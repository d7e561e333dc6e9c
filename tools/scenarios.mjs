// The scenarios of jsapi 18 and the tests that tell them, found by name: a story of the simulation begins with
// "A8 ", a test of the SDK or in browsers with "A8: ", the name of a unit test holds "A8" where a word begins.
//   node tools/scenarios.mjs           writes docs/scenarios.md
// tools/check_docs.mjs fails when a scenario has no story or that page says what is not so.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';

const kPage = 'docs/scenarios.md';

// What one node without telephones cannot tell.
const kWithoutStory = {
  A43: 'between nodes; what a client does with it is tested in the SDK',
  A46: 'needs a second node',
  A59: 'needs the telephone adapter',
};

const kSources = [
  { files: 'sim/stories/*.cpp', name: /\bSTORY\("(A\d+) ([^"]*)"/g, story: true },
  { files: 'src/*_test.cpp', name: /\bTEST(?:_F|_P)?\(\s*\w+,\s*\w*?(A\d+)(?=[A-Z])/g },
  { files: 'sdk/test/*.ts', name: /['"`](A\d+): /g },
  { files: 'e2e/*.ts', name: /['"`](A\d+)[: ]/g },
];

function listed(pattern) {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', pattern], {
    encoding: 'utf8',
  });
  return files.split('\n').filter(Boolean).sort();
}

/** By scenario: its stories, and the files of other tests of it. */
function found() {
  const tests = new Map();
  for (const { files, name, story } of kSources) {
    for (const file of listed(files)) {
      // A long title is broken into several literals.
      const text = readFileSync(file, 'utf8').replace(/"\s*\n\s*"/g, '');
      for (const [, scenario, title] of text.matchAll(name)) {
        const known = tests.get(scenario) ?? { stories: [], files: new Set() };
        if (story) known.stories.push(title);
        else known.files.add(file);
        tests.set(scenario, known);
      }
    }
  }
  return tests;
}

function row(name, { stories, files }) {
  const told = stories.length > 0 ? stories.join('; ') : `none: ${kWithoutStory[name] ?? '?'}`;
  return `| ${name} | ${told} | ${[...files].map((file) => `\`${file}\``).join(', ')} |`;
}

/** All scenarios, in their order, with their tests. */
function scenarios() {
  const known = [...readFileSync('docs/jsapi.md', 'utf8').matchAll(/^- \*\*(A\d+)\*\*/gm)].map(([, name]) => name);
  const tests = found();
  const strange = [...tests.keys()].filter((name) => !known.includes(name));
  return { strange, all: known.map((name) => [name, tests.get(name) ?? { stories: [], files: new Set() }]) };
}

/**
 * What is wrong with the page: a scenario without a story, a story that it does not name as it is called, a test that
 * is no more. That it lacks a test of another kind is no fault.
 */
export function scenarioProblems() {
  const { strange, all } = scenarios();
  const lines = readFileSync(kPage, 'utf8').split('\n');
  const problems = strange.map((name) => `a test is named after ${name}, which is no scenario`);
  for (const [name, { stories, files }] of all) {
    if (stories.length === 0 && !kWithoutStory[name]) problems.push(`${name} has no story`);
    const line = lines.find((one) => one.startsWith(`| ${name} |`)) ?? '';
    const listed = new Set([...line.matchAll(/`([^`]+)`/g)].map(([, file]) => file).filter((file) => files.has(file)));
    const right = line === row(name, { stories, files: listed });
    if (!right) problems.push(`${name} is not up to date: node tools/scenarios.mjs`);
  }
  return problems;
}

function page() {
  const rows = scenarios().all.map(([name, tests]) => row(name, tests));
  return `# Scenarios and their tests

Every scenario of [jsapi.md](jsapi.md#18-acceptance-scenarios), the stories of [the simulation](simulation.md) that tell it
against the whole server (\`sim --story "A8 "\`), and the files of further tests that have its number in their name. This
page is written by \`node tools/scenarios.mjs\`; \`make test\` fails when a scenario has no story, or when a story or test
that stands here has another name or is gone.

| scenario | stories | further tests in |
| --- | --- | --- |
${rows.join('\n')}
`;
}

if (argv[1]?.endsWith('scenarios.mjs')) writeFileSync(kPage, page());
