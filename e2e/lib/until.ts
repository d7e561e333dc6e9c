/**
 * Asks again and again until `probe` gives a value other than undefined, null and false, and returns it.
 * Rejects after `seconds`, saying what was waited for and what the last attempt threw.
 */
export async function until<T>(
  what: string,
  seconds: number,
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  everyMs = 50,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadline)
      throw new Error(`not within ${seconds} s: ${what}${lastError ? ` (${String(lastError)})` : ''}`);
    await pause(everyMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
