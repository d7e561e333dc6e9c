import { expect, type Page } from '@playwright/test';

/** Expects that somebody's tile on a demo page shows a picture that moves, which initials do not. */
export async function expectMovingPicture(page: Page, name: string): Promise<void> {
  const tile = page.getByRole('figure', { name, exact: true });
  await expect(tile).toBeVisible();
  const time = () => tile.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime);
  await expect(tile).not.toHaveClass(/blank/);
  const before = await time();
  await expect.poll(time).toBeGreaterThan(before + 0.5);
}
