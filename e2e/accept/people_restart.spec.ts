import { figure } from '../lib/figures.js';
import { expect, test } from '../lib/fixtures.js';
import { furtherKilledStories, killedStories } from '../lib/killed.js';

// Each at a moment of its own; where something is under way, close to its beginning.
const kRuns = 2;
const kWithinMs: Record<string, number> = { ringing: 1000, answered: 1000, 'on hold': 1000 };

for (const [state, story] of Object.entries({ ...killedStories, ...furtherKilledStories }))
  for (let run = 1; run <= kRuns; run += 1)
    test(`kill -9 while the call is ${state}, run ${run}`, async ({ stage }) => {
      const afterMs = Math.round(Math.random() * (kWithinMs[state] ?? 150));
      const seconds = await story(stage, { afterMs });
      figure(`killed ${state}, after ${afterMs} ms: seconds until all is well`, seconds, '<= 10');
      expect(seconds).toBeLessThanOrEqual(10);
    });
