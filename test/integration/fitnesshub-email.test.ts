import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { addUser, connectTo, trial, verdict, withFitnessHub } from "../support/fitnesshub.ts";

let hub: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  hub = await withFitnessHub();
  sql = connectTo(hub);
});

afterAll(async () => {
  await sql?.end();
  await hub?.[Symbol.asyncDispose]();
});

describe("e-mail addresses", () => {
  const insert = "insert into users (id, email, first_name, last_name) values ($1, $2, 'B', 'C')";
  // One id for each of the four hash partitions, found by trying.
  let idByLeaf: string[];

  beforeAll(async () => {
    const rows = await sql<{ id: string }[]>`
      select distinct on (leaf) id::text from (
        select id, array_position(array[
          satisfies_hash_partition('users'::regclass, 4, 0, id), satisfies_hash_partition('users'::regclass, 4, 1, id),
          satisfies_hash_partition('users'::regclass, 4, 2, id), satisfies_hash_partition('users'::regclass, 4, 3, id)], true) leaf
        from (select md5(n::text)::uuid as id from generate_series(1, 100) n) as try) as found
      order by leaf`;
    idByLeaf = rows.map(({ id }) => id);
    if (idByLeaf.length !== 4) throw new Error("no id was found for one of the leaves");
  });

  test("are unique across all leaves, in any spelling", async () => {
    await trial(sql, async (tx) => {
      await addUser(tx, "Ann@Example.invalid");
      for (const id of idByLeaf) {
        for (const spelling of [
          "Ann@Example.invalid",
          "ann@example.INVALID",
          " ann@example.invalid ",
        ]) {
          expect(await verdict(tx, insert, [id, spelling])).toBe("23505 users_email_key");
        }
        // Full-width letters, which NFKC folds.
        expect(await verdict(tx, insert, [id, "ａnn@example.invalid"])).toBe(
          "23505 users_email_key",
        );
      }
      expect(await verdict(tx, insert, [idByLeaf[0] ?? "", "ann@example2.invalid"])).toBe(
        "accepted",
      );
    });
  });

  test("can be changed, are free again afterwards and after a deletion, and keep their case", async () => {
    await trial(sql, async (tx) => {
      const ann = await addUser(tx, "Ann@example.invalid");
      await addUser(tx, "bob@example.invalid");
      const take = "update users set email = 'BOB@example.invalid' where id = $1";
      expect(await verdict(tx, take, [ann])).toBe("23505 users_email_key");
      await tx`update users set email = 'ANN@example.invalid' where id = ${ann}`;
      expect(await tx`select email from users where id = ${ann}`).toEqual([
        { email: "ANN@example.invalid" },
      ]);
      await tx`update users set email = 'new@example.invalid' where id = ${ann}`;
      expect(await addUser(tx, "ann@example.invalid")).not.toBe(ann);
      await tx`delete from users where id = ${ann}`;
      expect(await verdict(tx, insert, [ann, "new@example.invalid"])).toBe("accepted");
      expect(await tx`select count(*)::int from user_emails`).toEqual([{ count: 3 }]);
    });
  });

  test("follow a user whose id moves to any other leaf", async () => {
    await trial(sql, async (tx) => {
      await addUser(tx);
      for (const id of [...idByLeaf, idByLeaf[0] ?? ""]) {
        await tx`update users set id = ${id}`;
        expect(await tx`select * from user_emails`).toEqual([
          { email_key: "ann@example.invalid", user_id: id },
        ]);
      }
      await tx`update users set id = gen_random_uuid(), email = 'moved@example.invalid'`;
      expect(
        await tx`select email_key, user_id = (select id from users) as same from user_emails`,
      ).toEqual([{ email_key: "moved@example.invalid", same: true }]);
    });
  });

  test("two sessions at once: the second waits for the first, then fails", async () => {
    const [first, second] = [await sql.reserve(), await sql.reserve()];
    const add =
      "insert into users (email, first_name, last_name) values ('race@example.invalid', 'R', 'C')";
    try {
      await first.unsafe("begin");
      await first.unsafe(add);
      const [backend] = await second<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const late = second.unsafe(add).then(
        () => "accepted",
        (error: postgres.PostgresError) => error.code,
      );
      await expect
        .poll(async () => {
          const [row] =
            await sql`select cardinality(pg_blocking_pids(${backend?.pid ?? 0}::int)) as blockers`;
          return row?.["blockers"];
        })
        .toBe(1);
      await first.unsafe("commit");
      expect(await late).toBe("23505");
      // After a rollback of the first the second would have got the address.
      await sql`delete from users`;
      await first.unsafe("begin");
      await first.unsafe(add);
      const next = second.unsafe(add);
      await first.unsafe("rollback");
      await next;
      expect(await sql`select count(*)::int from users`).toEqual([{ count: 1 }]);
    } finally {
      first.release();
      second.release();
      await sql`delete from users`;
    }
  });

  test("find_login finds the account in any spelling, under a role that may read nothing", async () => {
    await trial(sql, async (tx) => {
      const ann = await addUser(tx, "Ann@example.invalid");
      const look = (email: string) => tx`select * from find_login(${email})`;
      const found = [{ user_id: ann, role: "user", is_active: true }];
      expect(await look(" ANN@EXAMPLE.invalid")).toEqual(found);
      expect(await look("nobody@example.invalid")).toEqual([]);
      const role = `login_${hub.name.split(" ").at(-1)}`;
      await tx.unsafe(
        `create role ${role}; grant usage on schema user_service to ${role}; set local role ${role}`,
      );
      expect(await verdict(tx, "select * from find_login('ann@example.invalid')")).toBe("42501");
      await tx.unsafe(
        `reset role; grant execute on function find_login(text) to ${role}; set local role ${role}`,
      );
      expect(await look("ann@example.invalid")).toEqual(found);
      expect(await verdict(tx, "select from users")).toBe("42501");
      expect(await verdict(tx, "select from user_emails")).toBe("42501");
    });
  });
});
