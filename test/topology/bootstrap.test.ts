import { describe, expect, test } from "vitest";
import { planBootstrap } from "../../lib/topology/bootstrap";
import { discoverTopology } from "../../lib/topology/discover";

const eu = { cluster: "eu", region: "eu-west" };
const topology = discoverTopology({ simulate: { masters: 1, workers: 1 } }, eu);

describe("planBootstrap", () => {
  test("is a dry run over exactly the topology's nodes", () => {
    const { argv, mode } = planBootstrap(topology, { inventory: "inventory/hosts.ini" });
    expect({ mode, argv }).toEqual({
      mode: "check",
      argv: [
        "ansible-playbook",
        "--check",
        "--diff",
        "--inventory=inventory/hosts.ini",
        "--limit=eu-master-1,eu-worker-1",
        '--extra-vars={"ansible_host_key_checking":true,' +
          '"ansible_ssh_args":"-o StrictHostKeyChecking=yes -o ControlMaster=auto -o ControlPersist=60s",' +
          '"ansible_ssh_host_key_checking":true}',
        "playbooks/bootstrap.yml",
      ],
    });
  });

  test("a confirmation does not outlive a change of the nodes' addresses", () => {
    const { planHash: confirm } = planBootstrap(topology);
    expect(planBootstrap(topology, { apply: { confirm } }).mode).toBe("apply");
    const moved = {
      ...topology,
      masters: topology.masters.map((node) => ({ ...node, address: "192.0.2.66" })),
    };
    expect(planBootstrap(moved, { apply: { confirm } }).mode).toBe("check");
  });
});
