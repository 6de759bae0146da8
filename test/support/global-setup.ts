import { startCluster } from "./cluster.ts";

/**
 * Gives the tests a server: that of TEST_DATABASE_URL if set, else a container of the image in
 * PGWRIGHT_TEST_IMAGE, else a throwaway embedded one, of the major version in
 * PGWRIGHT_TEST_VERSION or the installed one.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["TEST_DATABASE_URL"]) return undefined;
  const image = process.env["PGWRIGHT_TEST_IMAGE"];
  if (image) {
    // Loaded here: testcontainers takes a second to load, and most runs need none.
    const { startContainer } = await import("./container.ts");
    const container = await startContainer(image);
    process.env["TEST_DATABASE_URL"] = container.url;
    return async () => {
      delete process.env["TEST_DATABASE_URL"];
      await container.stop();
    };
  }
  const cluster = await startCluster();
  process.env["TEST_DATABASE_URL"] = cluster.url;
  return async () => {
    delete process.env["TEST_DATABASE_URL"];
    await cluster[Symbol.asyncDispose]();
  };
}
