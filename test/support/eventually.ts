import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is neither undefined, false nor null; fails after `seconds`. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  what: string,
  seconds = 60,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain for: ${what}`);
    await sleep(10);
  }
}
