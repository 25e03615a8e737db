import { MalformedError } from "../reading/read";

/** One `path` of a Vault policy, as Vault reads it. */
export interface VaultPath {
  /** Without the slash that Vault drops in front: `atom/data/tenants/acme/*`. */
  readonly path: string;
  /** What it grants; nothing if it denies. */
  readonly capabilities: readonly string[];
}

type Value = string | number | boolean | readonly Value[] | Block;

/** What stands between two braces, and a policy as a whole. */
interface Block {
  readonly items: readonly Item[];
}

/** `path "a" { … }` has two keys, `capabilities = […]` one. */
interface Item {
  readonly keys: readonly string[];
  readonly value: Value;
}

const CAPABILITIES = [
  ...["create", "read", "update", "delete", "list", "patch", "sudo", "deny"],
  ...["root", "subscribe", "recover", "scan"],
];

/** The words of before Vault 0.5, and what they stand for. */
const OLD_POLICIES: Readonly<Record<string, readonly string[]>> = {
  deny: [],
  read: ["read", "list"],
  write: ["create", "read", "update", "delete", "list"],
  sudo: ["create", "read", "update", "delete", "list", "sudo"],
};

/** What may stand in a path beside its capabilities; none of it widens what they grant. */
const LIMITS = [
  ...["comment", "allowed_parameters", "denied_parameters", "required_parameters"],
  ...["min_wrapping_ttl", "max_wrapping_ttl", "mfa_methods", "control_group"],
  ...["subscribe_event_types", "pagination_limit", "expiration"],
];

/** What is longer is read by nobody. */
const LONGEST = 1_000_000;
const DEEPEST = 16;
const COMMENT = /#[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\//y;

/**
 * Reads a Vault policy in HCL. It knows less of HCL than Vault does, and nothing otherwise: no
 * escapes, no `${}`, no here-documents, no JSON.
 *
 * Source: hashicorp/vault vault/policy.go (parsePaths); hashicorp/hcl v1.
 *
 * @throws MalformedError for everything else, and for what Vault refuses.
 */
export function parseVaultPolicy(text: string): readonly VaultPath[] {
  const { items } = new Reader(text).policy();
  return items.flatMap(({ keys, value }) => {
    const [word, path] = keys;
    if (word === "name" && keys.length === 1) return [];
    if (word !== "path" || keys.length !== 2 || !isBlock(value)) throw notVault(word!);
    return [{ path: path!.replace(/^\//, ""), capabilities: granted(value) }];
  });
}

function granted({ items }: Block): readonly string[] {
  const words = items.flatMap(({ keys: [key, ...more], value }) => {
    if (more.length === 0 && key === "policy") return oldPolicy(value);
    if (more.length === 0 && key === "capabilities") return capabilities(value);
    if (!LIMITS.includes(key!)) throw notVault(key!);
    return [];
  });
  return words.includes("deny") ? [] : [...new Set(words)];
}

function oldPolicy(value: Value): readonly string[] {
  if (typeof value !== "string" || !Object.hasOwn(OLD_POLICIES, value)) throw notVault("policy");
  return OLD_POLICIES[value]!;
}

function capabilities(value: Value): readonly string[] {
  const isList =
    Array.isArray(value) && value.every((word) => CAPABILITIES.includes(word as string));
  if (!isList) throw notVault("capabilities");
  return value as readonly string[];
}

function isBlock(value: Value): value is Block {
  return typeof value === "object" && "items" in value;
}

/** The word is a policy's own, and no secret. */
function notVault(word: string): MalformedError {
  return malformed(`has ${JSON.stringify(word.slice(0, 40))}, which Vault does not take like that`);
}

function malformed(reason: string): MalformedError {
  return new MalformedError(".policy", reason);
}

/** Reads HCL from left to right, each character once. */
class Reader {
  #at = 0;

  constructor(private readonly text: string) {
    if (text.length > LONGEST) throw malformed(`has more than ${LONGEST} characters`);
  }

  policy(): Block {
    const items: Item[] = [];
    while (this.#peek() !== "") items.push(this.#item(0));
    return { items };
  }

  #item(depth: number): Item {
    const keys = [this.#key()];
    for (let next = this.#peek(); next !== "=" && next !== "{"; next = this.#peek()) {
      keys.push(this.#key());
    }
    if (this.#peek() === "=") this.#at += 1;
    else return { keys, value: this.#block(depth + 1) };
    return { keys, value: this.#value(depth + 1) };
  }

  #key(): string {
    return this.#peek() === '"'
      ? this.#string()
      : this.#match(/[A-Za-z_][A-Za-z0-9_.-]*/y, "a key");
  }

  #value(depth: number): Value {
    switch (this.#peek()) {
      case '"':
        return this.#string();
      case "[":
        return this.#list(depth);
      case "{":
        return this.#block(depth);
      default: {
        const word = this.#match(/true|false|-?[0-9]+(?:\.[0-9]+)?/y, "a value");
        return word === "true" || word === "false" ? word === "true" : Number(word);
      }
    }
  }

  #list(depth: number): readonly Value[] {
    const values: Value[] = [];
    this.#open(depth);
    while (this.#peek() !== "]") {
      values.push(this.#value(depth + 1));
      if (this.#peek() === ",") this.#at += 1;
      else if (this.#peek() !== "]") throw this.#expected("',' or ']'");
    }
    this.#at += 1;
    return values;
  }

  #block(depth: number): Block {
    const items: Item[] = [];
    this.#open(depth);
    while (this.#peek() !== "}") {
      items.push(this.#item(depth));
      if (this.#peek() === ",") this.#at += 1;
    }
    this.#at += 1;
    return { items };
  }

  #open(depth: number): void {
    if (depth > DEEPEST) throw malformed(`is more than ${DEEPEST} levels deep`);
    this.#at += 1;
  }

  #string(): string {
    const text = this.#match(/"[^"\n]*"/y, "a string").slice(1, -1);
    if (text.includes("\\") || text.includes("${")) {
      throw malformed(`holds an escape or \${} in line ${this.#line()}`);
    }
    return text;
  }

  /** The next character that counts; empty at the end. */
  #peek(): string {
    for (;;) {
      const next = this.text.charAt(this.#at);
      if (next !== "" && " \n\t\r".includes(next)) this.#at += 1;
      else if (!"#/".includes(next) || next === "" || !this.#skip(COMMENT)) return next;
    }
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #match(pattern: RegExp, what: string): string {
    const start = this.#at;
    if (!this.#skip(pattern)) throw this.#expected(what);
    return this.text.slice(start, this.#at);
  }

  #expected(what: string): MalformedError {
    return malformed(`is no HCL: ${what} is missing in line ${this.#line()}`);
  }

  #line(): number {
    return this.text.slice(0, this.#at).split("\n").length;
  }
}
