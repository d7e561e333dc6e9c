import { figure } from '../lib/figures.js';
import { expect, test } from '../lib/fixtures.js';
import { killedStories } from '../lib/killed.js';

// Ten in all, each at a moment of its own; where a decision is under way, close to its beginning.
const kRuns = 2;
const kWithinMs: Record<string, number> = { crossing: 150, 'mid-handoff': 150 };

for (const [state, story] of Object.entries(killedStories))
  for (let run = 1; run <= kRuns; run += 1)
    test(`kill -9 while the call is ${state}, run ${run}`, async ({ stage }) => {
      const afterMs = Math.round(Math.random() * (kWithinMs[state] ?? 1000));
      const seconds = await story(stage, { afterMs });
      figure(`killed ${state}, after ${afterMs} ms: seconds until all is well`, seconds, '<= 10');
      expect(seconds).toBeLessThanOrEqual(10);
    });
