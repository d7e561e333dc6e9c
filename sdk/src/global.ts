import { JSAPI } from './jsapi/index.js';

// For pages with script tags: `Crosspoint` is everything of this package, `JSAPI` stands beside it.
Object.assign(globalThis, { JSAPI });

export * from './index.js';
