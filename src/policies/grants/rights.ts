/** A set of rights on one object: who may do what, and may grant it on. */

/** One entry of an access control list. */
export interface Entry {
  /** Null is PUBLIC. */
  readonly grantee: string | null;
  readonly privilege: string;
  readonly isGrantable: boolean;
}

/**
 * What statements in their order make of the rights on one object. A right is required, or revoked
 * on purpose, or not spoken of; what PostgreSQL gives PUBLIC by itself stays as it is in the last case.
 */
export class Rights {
  readonly #required = new Map<string, Entry>();
  readonly #revoked = new Set<string>();

  grant(grantee: string | null, privileges: Iterable<string>, isGrantable: boolean): void {
    for (const privilege of privileges) {
      const key = keyOf(grantee, privilege);
      this.#revoked.delete(key);
      const before = this.#required.get(key);
      this.#required.set(key, {
        grantee,
        privilege,
        isGrantable: isGrantable || before?.isGrantable === true,
      });
    }
  }

  revoke(grantee: string | null, privileges: Iterable<string>, optionOnly: boolean): void {
    for (const privilege of privileges) {
      const key = keyOf(grantee, privilege);
      const before = this.#required.get(key);
      if (optionOnly) {
        if (before) this.#required.set(key, { ...before, isGrantable: false });
        continue;
      }
      this.#required.delete(key);
      this.#revoked.add(key);
    }
  }

  get(grantee: string | null, privilege: string): Entry | undefined {
    return this.#required.get(keyOf(grantee, privilege));
  }

  isRevoked(grantee: string | null, privilege: string): boolean {
    return this.#revoked.has(keyOf(grantee, privilege));
  }

  required(): Iterable<Entry> {
    return this.#required.values();
  }

  /** The same rights, to go on from. */
  copy(): Rights {
    const copy = new Rights();
    for (const [key, entry] of this.#required) copy.#required.set(key, entry);
    for (const key of this.#revoked) copy.#revoked.add(key);
    return copy;
  }
}

function keyOf(grantee: string | null, privilege: string): string {
  return JSON.stringify([grantee, privilege]);
}
