import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { roleOfGroup } from "../../lib/topology/node-roles";

type Task = Readonly<Record<string, unknown>>;
const folder = join(__dirname, "../../playbooks");
const books = readdirSync(folder).filter((name) => name.endsWith(".yml"));

function plays(book: string): Task[] {
  return parse(readFileSync(join(folder, book), "utf8")) as Task[];
}

function tasksOf(node: Task): Task[] {
  return ["tasks", "handlers", "block", "rescue", "always", "pre_tasks", "post_tasks"].flatMap(
    (key) => ((node[key] as Task[] | undefined) ?? []).flatMap((task) => [task, ...tasksOf(task)]),
  );
}

/** Keys of a task that are keywords of Ansible's and no module. */
const KEYWORDS = ["name", "when", "register", "notify", "no_log", "diff", "block", "become"];

describe.each(books)("playbook %s", (book) => {
  const tasks = plays(book).flatMap(tasksOf);

  test("P3-2, P3-3 every task is one fully-qualified module that knows check mode", () => {
    const modules = tasks
      .filter((task) => !("block" in task))
      .map((task) => Object.keys(task).filter((key) => !KEYWORDS.includes(key)));
    expect(modules.length).toBeGreaterThan(3);
    for (const module of modules) {
      expect(module).toEqual([expect.stringMatching(/^ansible\.builtin\.[a-z_]+$/)]);
      expect(module[0]).not.toMatch(/\.(command|shell|raw|script|expect)$/);
    }
  });

  test("P3-4 a task that touches a secret hides its arguments and its diff", () => {
    const secret = tasks.filter(
      (task) => !("block" in task) && /\batom_join_token\b/.test(JSON.stringify(task)),
    );
    for (const task of secret) expect(task).toMatchObject({ no_log: true, diff: false });
    expect(secret.length).toBe(book === "join.yml" ? 2 : 0);
  });

  test("runs on the groups that a topology knows", () => {
    for (const play of plays(book)) {
      const roles = String(play["hosts"]).split(":").map(roleOfGroup);
      expect(roles).not.toContain(undefined);
      expect(new Set(roles)).toEqual(
        new Set(book === "join.yml" ? ["worker"] : ["master", "worker"]),
      );
    }
  });
});
