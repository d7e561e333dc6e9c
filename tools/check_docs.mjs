// Holds the documentation to the code: every file that it names exists, every link leads somewhere, in a table whose
// first cell is a file every name in the second cell is in that file, docs/api.md has every section that comments in the
// code call "spec N", docs/operating.md explains every metric, and docs/scenarios.md names the tests as they are.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { scenarioProblems } from './scenarios.mjs';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file && existsSync(file));
const pages = tracked.filter((file) => /^(docs\/.*|README|CONTRIBUTING|CHANGELOG|sdk\/README)(\.md)$/.test(file));
const folders = new Set(tracked.flatMap((file) => file.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))));
const top = [...new Set(tracked.filter((file) => file.includes('/')).map((file) => file.split('/')[0]))];
const paths = new RegExp(`(?<![\\w./-])(${top.map((t) => t.replace('.', '\\.')).join('|')})/[\\w./{},*-]*[\\w/}*]`, 'g');
const problems = [];
let checked = 0;

/** "a.{h,cpp}" is "a.h" and "a.cpp". */
function expand(path) {
  const braces = path.match(/^(.*)\{([^{}]*)\}(.*)$/);
  return braces ? braces[2].split(',').flatMap((one) => expand(braces[1] + one + braces[3])) : [path];
}

function isThere(path) {
  const name = path.replace(/\/$/, '');
  if (!name.includes('*')) return tracked.includes(name) || folders.has(name);
  const pattern = new RegExp(`^${name.split('*').map((part) => part.replace(/[.+]/g, '\\$&')).join('[^/]*')}$`);
  return tracked.some((file) => pattern.test(file));
}

/** As browsers and forges make them from headings. */
function anchors(page) {
  const headings = readFileSync(page, 'utf8').match(/^#+ .*$/gm) ?? [];
  return headings.map((heading) =>
    heading.replace(/^#+ /, '').toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'),
  );
}

function check(ok, where, what) {
  checked += 1;
  if (!ok) problems.push(`${where}: ${what}`);
}

for (const page of pages) {
  readFileSync(page, 'utf8').split('\n').forEach((line, index) => {
    const where = `${page}:${index + 1}`;
    for (const path of (line.match(paths) ?? []).flatMap(expand).filter((path) => !/\/dist\b/.test(path)))
      check(isThere(path) || isThere(join(dirname(page), path)), where, `there is no ${path}`);

    for (const [, target] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split('#');
      const file = path ? normalize(join(dirname(page), path)) : page;
      check(isThere(file), where, `the link to ${target} leads nowhere`);
      if (anchor && isThere(file)) check(anchors(file).includes(anchor), where, `${file} has no heading #${anchor}`);
    }

    const row = line.match(/^\| `([^`]+\.\w+)` \| ([^|]*`[^|]*) \|/);
    if (!row || !tracked.includes(row[1])) return;
    const code = readFileSync(row[1], 'utf8');
    for (const [, name] of row[2].matchAll(/`([\w:]+)`/g)) {
      const last = name.split('::').at(-1);
      check(new RegExp(`\\b${last}\\b`).test(code), where, `${row[1]} has no ${name}`);
    }
  });
}

const sections = new Set(readFileSync('docs/api.md', 'utf8').match(/(?<=^#+ )[\d.]+(?= )/gm));
for (const file of tracked.filter((file) => /^(src|sdk|demo|e2e|bench|fuzz)\/.*\.(h|cpp|ts)$/.test(file)))
  for (const [, section] of readFileSync(file, 'utf8').matchAll(/\bspec (\d(?:\.\d+)*)/gi))
    check(sections.has(section), file, `docs/api.md has no section ${section}`);

const metrics = (file) => new Set(readFileSync(file, 'utf8').match(/\bcrosspoint_[a-z_]+[a-z](?=["`{])/g));
const [counted, explained] = ['src/server/worker_metrics.cpp', 'docs/operating.md'].map(metrics);
for (const name of counted) check(explained.has(name), 'docs/operating.md', `the metric ${name} is not explained`);
for (const name of explained) check(counted.has(name), 'docs/operating.md', `there is no metric ${name}`);

for (const problem of scenarioProblems()) check(false, 'docs/scenarios.md', problem);

for (const problem of problems) console.error(problem);
console.log(`documentation: ${checked} names and links in ${pages.length} pages, ${problems.length} wrong`);
process.exit(problems.length ? 1 : 0);
