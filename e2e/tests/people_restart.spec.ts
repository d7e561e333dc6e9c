import { test } from '../lib/fixtures.js';
import { killedStories } from '../lib/killed.js';

// The moments in which a message is on its way, rather than done.
const kMoments: Record<string, number> = { crossing: 30, 'mid-handoff': 60 };

for (const [state, story] of Object.entries(killedStories))
  test(`kill -9 and restart, the call is ${state}: on all pages it goes on, without reload`, async ({ stage }) => {
    await story(stage, { afterMs: kMoments[state] ?? 0 });
  });
