import { expect, type Browser, type Locator, type Page } from '@playwright/test';

/** One device of somebody on the demo's page for calls between people. */
export class PersonTab {
  private constructor(
    readonly page: Page,
    readonly name: string,
  ) {}

  /** Signs in, in a context of its own: another device. */
  static async open(browser: Browser, url: string, name: string): Promise<PersonTab> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 680 } });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.log(`${name}: ${error}`));
    await page.goto(`${url}/people.html`);
    await page.getByLabel('Or with another name').fill(name);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const tab = new PersonTab(page, name);
    await expect(page.getByRole('navigation', { name: 'People' })).toBeVisible();
    await expect(tab.banner).toBeHidden();
    return tab;
  }

  get banner(): Locator {
    return this.page.locator('.banner');
  }

  /** Somebody's line in the list of people. */
  contact(name: string): Locator {
    return this.page.getByRole('navigation').getByRole('listitem').filter({ hasText: name });
  }

  get messages(): Locator {
    return this.page.getByRole('log');
  }

  /** The sheet of a call from somebody. */
  ringing(from: string): Locator {
    return this.page.getByRole('alertdialog', { name: new RegExp(`^Incoming .* from ${from}$`) });
  }

  /** What this device is in the call that is shown. */
  get role(): Locator {
    return this.page.getByText(/^This device: /).locator('..');
  }

  /** What stands over the pictures of the call that is shown. */
  notice(text: string): Locator {
    return this.page.locator('.stage-cover').filter({ hasText: text });
  }

  /** The line of a call that is not the one shown. */
  otherCall(names: string): Locator {
    return this.page.getByRole('group', { name: `Call with ${names}` });
  }

  /** Number of streams that are heard on this device. */
  heard(): Promise<number> {
    return this.page
      .locator('video')
      .evaluateAll(
        (videos: HTMLVideoElement[]) => videos.filter((one) => !one.muted && !one.paused && one.srcObject).length,
      );
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async openChat(name: string): Promise<void> {
    await this.contact(name).getByRole('button').click();
    await expect(this.page.getByRole('heading', { name, exact: true })).toBeVisible();
  }

  async write(text: string): Promise<void> {
    await this.page.getByRole('textbox').fill(text);
    await this.page.keyboard.press('Enter');
    await expect(this.messages.getByText(text)).toBeVisible();
  }

  async hangUp(): Promise<void> {
    await this.page.getByRole('toolbar').getByRole('button', { name: 'Hang up' }).click();
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
