import { defineConfig } from 'vitest/config';

// The harness's own parts; what needs browsers and the server is Playwright's.
export default defineConfig({ test: { include: ['lib/**/*.test.ts'] } });
