import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until the result is accepted, and returns the last result. */
export async function lastAnswer<T>(seconds: number, ask: () => T | Promise<T>, good: (given: T) => boolean): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const given = await ask();
    if (good(given) || Date.now() > deadline) return given;
    await sleep(300);
  }
}

/** Whether the condition is met within the time. */
export const within = (seconds: number, done: () => boolean | Promise<boolean>) => lastAnswer(seconds, done, (given) => given);
