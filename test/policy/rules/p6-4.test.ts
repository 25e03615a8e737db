import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p6Rule4 } from "../../../lib/policy/rules/p6-4";
import { ACME } from "../compliant-facts";
import { expectFindings, expectPass, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith } from "../small-objects";
import type { SmallContent } from "../small-objects";
import { FLUX, PULUMI, withFlux, withPulumi } from "../small-releases";

const RELEASE = "release tenant-acme";

/** The compliant release with one more field, of a tenant without a StatefulSet where none is told. */
function withRelease(fields: object, change: (content: SmallContent) => void = withoutStore) {
  return graphWith((content) => {
    change(content);
    Object.assign(content.releases[0]!, fields);
  });
}

/** Without what shows its failure only when the release's time is over. */
function withoutStore(content: SmallContent): void {
  content.objects.splice(AT.statefulSet, 1);
}

const shared = { rollbackTimeoutSeconds: undefined };

describe("P6-4", () => {
  test("looks at each release", () => {
    expectPass(p6Rule4, [{ scope: ACME, examined: 1 }]);
    expect(findingsOf(withFlux(), p6Rule4)).toEqual([]);
    expect(findingsOf(withPulumi(), p6Rule4)).toEqual([]);
  });

  // The api: 1 s to write, 5 to start, 8 to pull, 30 + 15 for its probes, 5 to stay ready.
  test.each([
    [63, "is 63; Deployment tenant-acme/api takes 64 s until it is back"],
    [121, "is 121; allowed is a number of seconds, at most 120"],
    [0, "is 0; allowed is a number of seconds, at most 120"],
    ["120", 'is "120"; allowed is a number of seconds, at most 120'],
    [Number.NaN, "is NaN; allowed is a number of seconds, at most 120"],
  ])("fails for a budget of its own of %j", (rollbackTimeoutSeconds, message) => {
    expectFindings(withRelease({ rollbackTimeoutSeconds }), p6Rule4, [
      { object: RELEASE, field: "rollbackTimeoutSeconds", message },
    ]);
  });

  test("passes a budget of its own that is just enough", () => {
    expect(findingsOf(withRelease({ rollbackTimeoutSeconds: 64 }), p6Rule4)).toEqual([]);
  });

  test("passes a shared timeout with room for both, and fails for one second less", () => {
    const within = (timeoutSeconds: number) => withRelease({ ...shared, timeoutSeconds });
    expect(findingsOf(within(124), p6Rule4)).toEqual([]);
    expectFindings(within(123), p6Rule4, [
      {
        object: RELEASE,
        field: "timeoutSeconds",
        message:
          "is 123, and the rollback's as well: 60 s until Deployment tenant-acme/api counts as failed " +
          "and 64 s until Deployment tenant-acme/api is back are 124 s",
      },
    ]);
  });

  test("fails where a failure shows only when the shared time is over", () => {
    // A StatefulSet has no deadline.
    expectFindings(
      withRelease(shared, () => undefined),
      p6Rule4,
      [
        {
          object: RELEASE,
          field: "timeoutSeconds",
          message:
            "is 120, and the rollback's as well: StatefulSet tenant-acme/store counts as failed " +
            "only when it is over",
        },
      ],
    );
  });

  test("has nothing to add up without a workload", () => {
    const none = withRelease(shared, (content) => (content.objects = []));
    expect(findingsOf(none, p6Rule4)).toEqual([]);
  });

  test.each([
    [{ timeout: "5m" }, "timeout", 'is "5m" for install and upgrade and rollback each'],
    [{ timeout: undefined }, "timeout", 'is "5m" for install and upgrade and rollback each'],
    [
      { timeout: "10m", install: { timeout: "2m" }, upgrade: withTimeout("1m30s") },
      "timeout",
      'is "10m" for rollback',
    ],
    [{ rollback: { timeout: "121s" } }, "rollback.timeout", 'is "121s"'],
    [{ rollback: { timeout: 60 } }, "rollback.timeout", "is 60"],
  ])("fails for a HelmRelease with %j", (spec, field, start) => {
    const message = `${start}; at most 120 s are allowed`;
    expectFindings(withFlux(spec), p6Rule4, [{ object: FLUX, field: `spec.${field}`, message }]);
  });

  test.each([
    [{ timeout: undefined }, "is 300; at most 120 s are allowed"],
    [{ timeout: 121 }, "is 121; at most 120 s are allowed"],
    [{ timeout: "60" }, 'is "60"; at most 120 s are allowed'],
    [
      { timeout: undefined, atomic: true },
      "is 300, and the rollback's as well; at most 120 s are allowed",
    ],
  ])("fails for a Helm release with %j", (inputs, message) => {
    expect(findingsOf(withPulumi(inputs), p6Rule4)).toMatchObject([
      { object: PULUMI, field: "timeout", message },
    ]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const graph of [
      withRelease({ rollbackTimeoutSeconds: UNKNOWN }),
      withRelease({ ...shared, timeoutSeconds: UNKNOWN }),
      withFlux({ timeout: UNKNOWN }),
      withPulumi({ timeout: UNKNOWN }),
    ]) {
      expect(findingsOf(graph, p6Rule4)).toMatchObject([{ cause: "undecided" }]);
    }
  });

  test.each(HOSTILE.filter((value) => value !== null))(
    "fails, and does not crash, for the budget %s",
    (value) => {
      const hostile = withRelease({ rollbackTimeoutSeconds: value });
      expect(findingsOf(hostile, p6Rule4)).toHaveLength(1);
      const causes = findingsOf(withFlux(value), p6Rule4).map(({ cause }) => cause);
      expect(causes).not.toContain("error");
    },
  );
});

function withTimeout(timeout: string) {
  return { remediation: { retries: 1 }, timeout };
}
