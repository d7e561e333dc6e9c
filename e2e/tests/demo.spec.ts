import type { Browser, Page } from '@playwright/test';
import { expect, test } from '../lib/fixtures.js';
import { expectMovingPicture } from '../lib/moving_picture.js';

async function join(browser: Browser, url: string, name: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 900, height: 600 } })).newPage();
  page.on('pageerror', (error) => console.log(`${name}: ${error}`));
  await page.goto(`${url}/?room=e2e`);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join room' }).click();
  return page;
}

test('people meet on the demo page', async ({ browser, stage }) => {
  const server = await stage.server();
  const alice = await join(browser, server.url, 'Alice');
  const bob = await join(browser, server.url, 'Bob');
  await expectMovingPicture(alice, 'Bob');
  await expectMovingPicture(bob, 'Alice');
  await expectMovingPicture(bob, 'Bob (you)');

  await bob.getByRole('button', { name: 'Leave' }).click();
  await expect(bob.getByRole('button', { name: 'Rejoin' })).toBeVisible();
  await expect(alice.getByRole('figure', { name: 'Bob' })).toHaveCount(0);
  await bob.getByRole('button', { name: 'Rejoin' }).click();
  await expectMovingPicture(alice, 'Bob');
  await expectMovingPicture(bob, 'Alice');
  for (const page of [alice, bob]) await page.context().close();
});

test('the bundles of our SDK are served', async ({ stage }) => {
  const server = await stage.server();
  for (const file of ['crosspoint.js', 'crosspoint.global.js']) {
    const response = await fetch(`${server.url}/sdk/${file}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('javascript');
    expect((await response.text()).length).toBeGreaterThan(1000);
  }
});
