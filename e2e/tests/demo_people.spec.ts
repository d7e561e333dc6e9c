import type { Browser } from '@playwright/test';
import { expect, test } from '../lib/fixtures.js';
import { expectMovingPicture } from '../lib/moving_picture.js';
import { PersonTab } from '../lib/person_tab.js';

// Each tab is a browser's page with a camera of its own, which takes a small machine long to start.
test.slow();

/** One tab for each name; tabs of the same name are devices of one person. */
async function tabs<Names extends string[]>(
  browser: Browser,
  url: string,
  ...names: Names
): Promise<{ [Index in keyof Names]: PersonTab }> {
  const opened = [];
  for (const name of names) opened.push(await PersonTab.open(browser, url, name));
  return opened as { [Index in keyof Names]: PersonTab };
}

async function close(...opened: PersonTab[]): Promise<void> {
  for (const tab of opened) await tab.close();
}

test('people write to each other on the demo page', async ({ browser, stage }) => {
  const { url } = await stage.server();
  const [ann, bob] = await tabs(browser, url, 'Ann', 'Bob');
  await ann.openChat('Bob');
  await expect(ann.page.getByText('You and Bob have not spoken yet')).toBeVisible();
  await ann.write('Are you there?');
  await expect(bob.contact('Ann').getByLabel('1 new')).toBeVisible();
  await bob.openChat('Ann');
  await expect(bob.contact('Ann').getByLabel('1 new')).toBeHidden();
  await bob.write('Yess');

  await bob.messages.getByText('Yess').hover();
  await bob.button('Message options').click();
  await bob.button('Edit').click();
  await expect(bob.page.getByLabel('New text')).toBeFocused();
  await bob.page.getByLabel('New text').fill('Yes');
  await bob.page.keyboard.press('Enter');
  await expect(ann.messages.getByText('Yes', { exact: true })).toBeVisible();
  await expect(ann.messages).toContainText('edited');

  await ann.write('Never mind');
  await ann.messages.getByText('Never mind').hover();
  await ann.button('Message options').last().click();
  await ann.button('Remove').click();
  await expect(bob.messages.getByText('Message removed')).toBeVisible();
  await expect(bob.messages.getByText('Never mind')).toBeHidden();

  // The same on a device that was not there.
  const later = await PersonTab.open(browser, url, 'Bob');
  await later.openChat('Ann');
  await expect(later.messages.getByRole('article')).toHaveText([/Are you there\?/, /Yes/, /Message removed/]);
  await close(ann, bob, later);
});

test('a call rings on every device and is answered on one', async ({ browser, stage }) => {
  const { url } = await stage.server();
  const [ann, anns, bob, bobs] = await tabs(browser, url, 'Ann', 'Ann', 'Bob', 'Bob');
  await ann.openChat('Bob');
  await ann.button('Video call').click();
  for (const tab of [bob, bobs]) await expect(tab.ringing('Ann')).toBeVisible();
  await expect(ann.role).toHaveText(/active initiator$/);

  await bob.button('Answer with video').click();
  await expect(bobs.otherCall('Ann')).toContainText('On another device');
  await expect(bobs.ringing('Ann')).toBeHidden();
  await expectMovingPicture(ann.page, 'Bob');
  await expectMovingPicture(bob.page, 'Ann');
  await expectMovingPicture(bob.page, 'Bob (you)');
  await expect(bob.role).toHaveText(/active receiver$/);
  await expect(anns.otherCall('Bob')).toContainText('On another device');
  await anns.otherCall('Bob').getByRole('button', { name: 'Show' }).click();
  await expect(anns.role).toHaveText(/passive initiator$/);

  await ann.page.keyboard.press('h');
  await expect(ann.notice('Nobody hears or sees you.')).toBeVisible();
  await expect(bob.notice('Ann has put the call on hold')).toBeVisible();
  await ann.page.keyboard.press('h');
  await expect(bob.notice('Ann has put the call on hold')).toBeHidden();
  await expectMovingPicture(bob.page, 'Ann');

  // A call goes on being heard while one reads.
  await bob.button('Messages').click();
  await expect(bob.messages).toContainText('Ongoing video call');
  await expect.poll(() => bob.heard()).toBe(1);
  await bob.otherCall('Ann').getByRole('button', { name: 'Return' }).click();
  await expectMovingPicture(bob.page, 'Ann');

  await bob.button('Turn camera off').click();
  await expect(ann.page.getByRole('figure', { name: 'Bob' })).toHaveClass(/blank/);

  // Bob goes on from his other device.
  await bobs.otherCall('Ann').getByRole('button', { name: 'Move here' }).click();
  await expect(bobs.role).toHaveText(/active receiver$/);
  await expect(bob.role).toHaveText(/passive receiver$/);
  await expectMovingPicture(bobs.page, 'Ann');
  await bobs.hangUp();
  for (const tab of [ann, bobs]) await expect(tab.messages).toContainText(/(Outgoing|Incoming) video call · 0:\d\d/);
  await expect(anns.otherCall('Bob')).toBeHidden();
  await close(ann, anns, bob, bobs);
});

test('a call that nobody answers is missed', async ({ browser, stage }) => {
  const { url } = await stage.server();
  const [ann, bob, bobs] = await tabs(browser, url, 'Ann', 'Bob', 'Bob');
  await ann.openChat('Bob');
  await ann.button('Voice call').click();
  await expect(bob.ringing('Ann')).toBeVisible();
  await ann.hangUp();
  for (const tab of [bob, bobs]) {
    await expect(tab.ringing('Ann')).toBeHidden();
    await expect(tab.contact('Ann').getByLabel('1 new')).toBeVisible();
    await expect(tab.contact('Ann')).toContainText('Missed voice call');
  }
  await bob.openChat('Ann');
  await bob.button('Call back').click();
  await expect(ann.ringing('Bob')).toBeVisible();
  await ann.button('Decline').click();
  await expect(bob.messages).toContainText('Outgoing voice call · declined');
  await close(ann, bob, bobs);
});

test('a second call waits, and a person is added', async ({ browser, stage }) => {
  const { url } = await stage.server();
  const [ann, bob, cem, dora] = await tabs(browser, url, 'Ann', 'Bob', 'Cem', 'Dora');
  await ann.openChat('Bob');
  await ann.button('Voice call').click();
  await bob.button('Answer').click();
  await expect(ann.page.getByText('0:01')).toBeVisible();

  await cem.openChat('Ann');
  await cem.button('Voice call').click();
  await ann.button('Hold & answer').click();
  await expect(ann.otherCall('Bob')).toContainText('On hold');
  await expect(bob.notice('Ann has put the call on hold')).toBeVisible();
  await ann.otherCall('Bob').getByRole('button', { name: 'Switch' }).click();
  await expect(ann.otherCall('Cem')).toContainText('On hold');

  await ann.button('Add person').click();
  await ann.button('Dora').click();
  await expect(dora.ringing('Ann')).toBeVisible();
  await dora.button('Answer').click();
  await expect(bob.page.getByRole('figure', { name: 'Dora' })).toBeVisible();
  await bob.button('People in this call').click();
  await expect(bob.page.getByLabel('In this call').getByRole('listitem')).toHaveText([
    ...[/Ann/, /Bob \(you\)/, /Dora/],
    /This device.*active receiver/,
  ]);
  await close(ann, bob, cem, dora);
});

test('who has no microphone may listen', async ({ browser, playwright, stage }) => {
  const { url } = await stage.server();
  const { executablePath, args = [] } = test.info().project.use.launchOptions ?? {};
  const without = args.filter((arg) => arg !== '--use-fake-device-for-media-stream');
  const bare = await playwright.chromium.launch({ executablePath, args: without });
  const ann = await PersonTab.open(browser, url, 'Ann');
  const bob = await PersonTab.open(bare, url, 'Bob');
  await ann.openChat('Bob');
  await ann.button('Video call').click();
  await bob.button('Answer with video').click();
  await expect(bob.ringing('Ann')).toContainText('No microphone or camera was found.');
  await bob.button('Listen only').click();
  await expectMovingPicture(bob.page, 'Ann');
  await bob.hangUp();
  await bob.button('Video call').click();
  await expect(bob.page.getByRole('alertdialog')).toContainText('Ann was not called');
  await close(ann, bob);
  await bare.close();
});

test('a server that restarts is found again', async ({ browser, stage }) => {
  const server = await stage.server();
  const [ann, bob] = await tabs(browser, server.url, 'Ann', 'Bob');
  await ann.openChat('Bob');
  await ann.button('Video call').click();
  await bob.button('Answer with video').click();
  await expectMovingPicture(ann.page, 'Bob');
  await server.kill();
  await expect(ann.banner).toHaveText('Connection lost. Reconnecting…');
  await server.run();
  for (const tab of [ann, bob]) await expect(tab.banner).toBeHidden();
  await expectMovingPicture(ann.page, 'Bob');
  await bob.button('Messages').click();
  await bob.write('Still here');
  await expect(ann.contact('Bob')).toContainText('Still here');
  await close(ann, bob);
});
