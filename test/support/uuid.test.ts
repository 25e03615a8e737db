import { expect, test } from "vitest";
import { uuidOf } from "../../lib/support/uuid";

test.each([
  // RFC 9562, appendix A.4: the namespace of DNS names.
  [
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "www.example.com",
    "2ed6657d-e927-568b-95e1-2665a8aea6a2",
  ],
  // Made with Python's uuid.uuid5.
  ["5d7d0c0b-3f2e-4c3a-9f64-6d6e0a5c8b11", "é", "4f2ae5f4-ff81-57e1-a63d-d1bef908422c"],
])("uuidOf(%s, %s) is %s", (namespace, name, uuid) => {
  expect(uuidOf(namespace, name)).toBe(uuid);
});
