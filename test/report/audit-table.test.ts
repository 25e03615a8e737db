import { expect, test } from "vitest";
import { findingsTable } from "../../lib/report/audit-table";
import { smallReport } from "./small-report";

test("the table has the severity first, and marks what a waiver lifts", () => {
  const rows = [...findingsTable(smallReport())]
    .join("")
    .trimEnd()
    .split("\n")
    .map((row) => row.split(/ {2,}/));
  expect(rows[0]).toEqual([
    "severity",
    "rule",
    "object",
    "field",
    "place",
    "finding",
    "how to mend it",
  ]);
  expect(rows.map(([severity, rule]) => [severity, rule]).slice(1)).toEqual([
    ["critical", "P1-A"],
    ["critical", "P1-A"],
    ["critical", "P1-A"],
    ["medium", "P1-B"],
    ["high", "P3-A"],
  ]);
  expect(rows.filter((row) => row.some((cell) => cell.startsWith("waived")))).toEqual([
    [
      "high",
      "P3-A",
      "Pod eu/waived",
      "spec.good",
      'waived until 2027-01-31 (platform): is "no"?[2J',
      "make it good",
    ],
  ]);
});
