/** Prints one measured figure beside what is asked of it, so that `make accept` ends in a table. */
export function figure(what: string, value: number | string, wanted: string): void {
  const shown = typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : value;
  console.log(`    ${what.padEnd(58)} ${shown.padStart(18)}   wanted ${wanted}`);
}
