/** One mistake in a task of a playbook. */
export interface TaskMutation {
  readonly rule: string;
  /** Without its collection, which is Ansible's own. */
  readonly module: string;
  /** A text is what the module takes in free form. */
  readonly parameters: string | Readonly<Record<string, unknown>>;
  readonly keywords?: Readonly<Record<string, unknown>>;
}

/** Tried in every place of a playbook where a task may stand, and in all ways to write it. */
export const TASK_MUTATIONS: readonly TaskMutation[] = [
  {
    rule: "P3-2",
    module: "copy",
    parameters: { dest: "/x" },
    keywords: { check_mode: false },
  },
  { rule: "P3-2", module: "include_tasks", parameters: "other.yml" },
  { rule: "P3-2", module: "import_role", parameters: { name: "other" } },
  { rule: "P3-3", module: "shell", parameters: "reboot" },
  {
    rule: "P3-3",
    module: "command",
    parameters: { cmd: "make" },
    keywords: { changed_when: false },
  },
  {
    rule: "P3-4",
    module: "copy",
    parameters: { dest: "/x", content: "{{ join_token }}" },
  },
  {
    rule: "P3-4",
    module: "user",
    parameters: { name: "atom", password: "{{ x }}" },
    keywords: { no_log: true },
  },
  {
    rule: "P3-5",
    module: "dnf",
    parameters: { name: "atom", disable_gpg_check: true },
  },
  { rule: "P3-5", module: "get_url", parameters: { url: "http://x.example/atom" } },
  {
    rule: "P3-5",
    module: "copy",
    parameters: { dest: "/x" },
    keywords: { ignore_errors: true },
  },
];
