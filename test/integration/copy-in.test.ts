/** COPY through the session: what the server takes, what it refuses, and that the session goes on. */
import { expect, test } from "vitest";
import { connect } from "../../src/db/connect.ts";
import { resolveConnection } from "../../src/db/libpq.ts";
import { withDatabase } from "../support/database.ts";

test("an error after the last data is told, and the session can be used", async () => {
  await using database = await withDatabase();
  const options = { url: database.url, environment: {}, homeDirectory: "/", userName: "" };
  await using session = await connect(resolveConnection(options), {
    applicationName: "test",
    writes: true,
  });
  await session.query("create table t (id int primary key)");
  const copy = (...pieces: string[]) =>
    session.copyIn(
      "COPY t FROM STDIN",
      pieces.map((piece) => Buffer.from(piece)),
    );
  await copy("1\n", "2\n");
  await expect(copy("3\n", "x\n")).rejects.toMatchObject({ code: "22P02" });
  await expect(copy("1\n")).rejects.toMatchObject({ code: "23505" });
  await expect(copy(...Array<string>(2000).fill("y\n".repeat(1000)))).rejects.toMatchObject({
    code: "22P02",
  });
  await copy();
  await session.query("begin");
  await expect(copy("z\n")).rejects.toMatchObject({ code: "22P02" });
  await session.settle("rollback");
  expect(await session.query("select id from t order by id")).toEqual([{ id: 1 }, { id: 2 }]);
});
