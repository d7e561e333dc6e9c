import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../page/', import.meta.url));
const OWN_SDK = fileURLToPath(new URL('../../sdk/src/index.ts', import.meta.url));

/** Serves the page that stands for one device, with the public SDK as npm delivers it and our own from its sources. */
export class TestPage {
  private constructor(private readonly server: Server) {}

  static async start(): Promise<TestPage> {
    const html = await readFile(`${FOLDER}index.html`, 'utf8');
    const script = await bundle();
    const server = createServer((request, response) => {
      const isScript = request.url === '/client.js';
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? script : html);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TestPage(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [`${FOLDER}main.ts`],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    define: { global: 'globalThis', __SDK_VERSION__: '"e2e"' },
    // The entry of the package's own script-tag bundle: its other one has its default export where ES modules look in vain.
    alias: {
      '@bandwidth/webrtc-browser': '@bandwidth/webrtc-browser/dist/webpackIndex.js',
      '@crosspoint/client': OWN_SDK,
    },
    logLevel: 'error',
  });
  return result.outputFiles[0]!.text;
}
