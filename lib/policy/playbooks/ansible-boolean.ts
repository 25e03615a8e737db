/**
 * Booleans as Ansible takes them, from YAML 1.1 and 1.2 readers and from text. A template is
 * neither: it may come out either way.
 * Source: ansible/module_utils/parsing/convert_bool.py.
 */
export const isFalse = (value: unknown) =>
  isWord(value, ["false", "no", "off", "n", "f", "0", "0.0"]);
export const isTrue = (value: unknown) =>
  isWord(value, ["true", "yes", "on", "y", "t", "1", "1.0"]);

function isWord(value: unknown, words: readonly string[]): boolean {
  return (
    ["boolean", "number", "string"].includes(typeof value) &&
    words.includes(String(value).trim().toLowerCase())
  );
}
