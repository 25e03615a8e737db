import { INTERVAL, LEAST_MILLISECONDS, p4Rule3, UNITS } from "../../rules/p4-3";
import { admissionRule } from "../admission-rule";
import { faultIf, pattern } from "../cel";
import { inEndpoints, MONITOR_OBJECTS } from "../monitors";

/** As {@link UNITS} has them; an `m` that begins `ms` is no minute. */
const UNIT_PATTERNS = ["y", "w", "d", "h", "m([^s]|$)", "s", "ms"];

/** CEL: the milliseconds in the interval `i`. */
const MILLISECONDS = UNIT_PATTERNS.map(
  (unit, at) => `int("0" + i.find(r"[0-9]+${unit}").find("[0-9]+")) * ${UNITS[at]}`,
).join(" + ");

export const admitP4Rule3 = admissionRule(p4Rule3, {
  scope: MONITOR_OBJECTS,
  faults: [
    faultIf(`!(dyn(object).?spec.?sampleLimit.orValue(0) > 0)`, "sampleLimit is not set"),
    inEndpoints(`!e.?path.orValue("/metrics").startsWith("/")`, "a path does not begin with /"),
    inEndpoints(
      `!e.?scheme.orValue("http").matches(r"(?i)^https?$")`,
      "a scheme is neither http nor https",
    ),
    inEndpoints(
      `[e.?interval.orValue("30s")].exists(i, i == "" || !i.matches(${pattern(INTERVAL)}) || ` +
        `${MILLISECONDS} < ${LEAST_MILLISECONDS})`,
      "an interval is no length of time, or below 5s",
    ),
  ],
});
