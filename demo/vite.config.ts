import { defineConfig } from 'vite';
import sdk from '../sdk/package.json' with { type: 'json' };

const server = 'http://localhost:8080';

// The demo is built from the SDK's sources, so that both can be edited together. `npm run dev -w demo` shows it with
// live reloading in front of a running `crosspoint serve --dev`.
export default defineConfig({
  resolve: { alias: { '@crosspoint/client': new URL('../sdk/src/index.ts', import.meta.url).pathname } },
  define: { __SDK_VERSION__: JSON.stringify(sdk.version) },
  build: { target: 'es2022', sourcemap: true, rollupOptions: { input: ['index.html', 'people.html'] } },
  server: { proxy: { '/demo': server, '/v3': { target: server, ws: true }, '/jsapi': { target: server, ws: true } } },
});
