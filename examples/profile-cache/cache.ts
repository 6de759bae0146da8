/** Profiles in Redis, thrown out by the database itself when they change. */
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { Client, type ClientConfig } from "pg";

export interface ProfileCacheSettings<T> {
  /** `redis://127.0.0.1:6379` */
  readonly redisUrl: string;
  /** A direct connection, past any pooler: LISTEN belongs to a session. */
  readonly listener: ClientConfig;
  /** Reads one profile; null where there is none. It runs as that user, so that row level security holds. */
  readonly load: (userId: string) => Promise<T | null>;
}

export interface ProfileCache<T> extends AsyncDisposable {
  get(userId: string): Promise<T | null>;
  /** False while the listener is away: everything is read from the database then. */
  readonly isListening: boolean;
}

// Changes are told, so this only bounds what lies around unused.
const keepSeconds = 3_600;

// Stores what was read unless the profile has changed since the reading began.
const storeUnlessChanged = `
if (redis.call('get', KEYS[2]) or '') == ARGV[1] then
  redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3])
end`;

const keyOf = (userId: string) => `profile:${userId}`;
/** Counts the changes of a profile. It outlives every reading that began before one of them. */
const stampOf = (userId: string) => `profile-stamp:${userId}`;

export async function createProfileCache<T>(
  settings: ProfileCacheSettings<T>,
): Promise<ProfileCache<T>> {
  const redis = createClient({ url: settings.redisUrl });
  redis.on("error", (error: Error) => console.warn(`Redis: ${error.message}`));
  await redis.connect();
  const ending = new AbortController();
  let isListening = false;

  async function throwOut(userId: string): Promise<void> {
    if (userId === "*") return throwOutAll();
    await redis
      .multi()
      .incr(stampOf(userId))
      .expire(stampOf(userId), keepSeconds)
      .del(keyOf(userId))
      .exec();
  }

  async function throwOutAll(): Promise<void> {
    for await (const keys of redis.scanIterator({ MATCH: "profile:*", COUNT: 1_000 })) {
      for (const key of keys) await throwOut(key.slice("profile:".length));
    }
  }

  /** Listens until the connection ends. */
  async function listenOnce(): Promise<void> {
    const client = new Client({ ...settings.listener, keepAlive: true });
    const ended = new Promise<void>((resolve) => {
      client.once("end", resolve);
      client.once("error", () => resolve());
      ending.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    // One after the other: what is told first is done first.
    let work = Promise.resolve();
    client.on("notification", ({ payload = "" }) => {
      work = work.then(() => throwOut(payload)).catch(giveUp);
    });
    // A change that Redis could not be told of must not stay in it: begin again, with everything thrown out.
    function giveUp(): void {
      isListening = false;
      void client.end();
    }
    try {
      await client.connect();
      await client.query("listen profile_changed");
      // What changed while nobody listened was told to nobody.
      await throwOutAll();
      isListening = true;
      await ended;
    } finally {
      isListening = false;
      await client.end().catch(() => {});
    }
  }

  const listening = (async () => {
    while (!ending.signal.aborted) {
      await listenOnce().catch((error: Error) => console.warn(`listener: ${error.message}`));
      await sleep(200, undefined, { signal: ending.signal }).catch(() => {});
    }
  })();

  return {
    get isListening() {
      return isListening;
    },
    async get(userId) {
      if (!isListening || !redis.isReady) return settings.load(userId);
      // Redis may go away at any moment; the database has everything.
      const found = await redis.mGet([keyOf(userId), stampOf(userId)]).catch(() => undefined);
      if (found === undefined) return settings.load(userId);
      const [known, stamp] = found;
      if (known !== null && known !== undefined) return JSON.parse(known) as T | null;
      const profile = await settings.load(userId);
      if (isListening && redis.isReady) {
        await redis
          .eval(storeUnlessChanged, {
            keys: [keyOf(userId), stampOf(userId)],
            arguments: [stamp ?? "", JSON.stringify(profile), String(keepSeconds)],
          })
          .catch(() => undefined);
      }
      return profile;
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await listening;
      redis.destroy();
    },
  };
}
