import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandHostRange, MOST_HOSTS_OF_A_PATTERN } from "../../lib/topology/host-range";

// The expected hosts are those that `ansible-inventory --list` (ansible-core 2.19.14) gives.
describe("expandHostRange", () => {
  test.each([
    ["node1", ["node1"]],
    ["node[1:3]", ["node1", "node2", "node3"]],
    ["node[01:03].example", ["node01.example", "node02.example", "node03.example"]],
    ["node[8:10]", ["node8", "node9", "node10"]],
    ["node[1:6:2]", ["node1", "node3", "node5"]],
    ["node[a:d:2]", ["nodea", "nodec"]],
    ["node[y:B]", ["nodey", "nodez", "nodeA", "nodeB"]],
    ["node[:2]", ["node0", "node1", "node2"]],
    ["r[a:b]-[1:2]", ["ra-1", "ra-2", "rb-1", "rb-2"]],
  ])("%s", (pattern, hosts) => {
    expect(expandHostRange(pattern)).toEqual(hosts);
  });

  test.each([
    ["node[1:]", 'host range "[1:]" must name its end'],
    ["node[1:2:3:4]", 'host range "[1:2:3:4]" must be begin:end or begin:end:step'],
    ["node[1:5:0]", 'host range "[1:5:0]" must be begin:end or begin:end:step'],
    ["node[01:100]", 'host range "[01:100]" must pad begin and end to the same length'],
    ["node[a:9]", 'host range "[a:9]" must run between two numbers or two letters'],
    ["node[c:a]", 'host range "[c:a]" must not begin after its end'],
    ["node[1:99999999]", "host pattern gives more than 10000 hosts"],
    ["[1:200][1:200]", "host pattern gives more than 10000 hosts"],
  ])("fails for %s", (pattern, message) => {
    expect(() => expandHostRange(pattern)).toThrow(new RangeError(message));
  });

  test("a number range gives its members in order", () => {
    const bound = fc.nat({ max: 3000 });
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 1, max: 50 }), (first, length, step) => {
        const hosts = expandHostRange(`n[${first}:${first + length}:${step}]x`);
        const count = Math.floor(length / step) + 1;
        const expected = Array.from({ length: count }, (_, i) => `n${first + i * step}x`);
        expect(hosts).toEqual(expected);
      }),
    );
    expect(MOST_HOSTS_OF_A_PATTERN).toBe(10_000);
  });
});
