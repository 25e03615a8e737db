import { expect, test } from "vitest";
import { UsageError } from "../../lib/support/problem";
import { parseYamlDocument } from "../../lib/support/yaml-document";

/** The error's lines without the heading. */
function problemsOf(source: string): string[] {
  try {
    parseYamlDocument(source, "file");
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.split("\n").slice(1);
  }
  return [];
}

test.each<[string, string, string]>([
  [
    "a quote left open",
    'a: 1\nb: "hunter2',
    ' - line 2: the " that opens in column 4 is not closed; close it with ", and indent every line up to there more than its key',
  ],
  [
    "a quote left open above other lines",
    "a:\n  - x: 'hunter2\n  - y: 1\nb: 2\nc: 3\n",
    " - line 2: the ' that opens in column 8 is not closed; close it with ', and indent every line up to there more than its key",
  ],
  [
    "a quote left open around a key",
    'a: 1\n"hunter2: 2\nb: 3\n',
    ' - line 2: the " that opens in column 1 is not closed; close it with ", and indent every line up to there more than its key',
  ],
  [
    "a quote inside of brackets left open",
    'a: ["x, y]\nb: 1\n',
    ' - line 1: the " that opens in column 5 is not closed; close it with ", and indent every line up to there more than its key',
  ],
  [
    "the innermost bracket left open",
    "a: 1\nb: {x: [1, {c: 2}\nd: 3\n",
    " - line 2: the [ that opens in column 8 is not closed; close it with ], and indent every line up to there more than its key",
  ],
  [
    "a map left open",
    "b: {x: 1\nd: 3\n",
    " - line 1: the { that opens in column 4 is not closed; close it with }, and indent every line up to there more than its key",
  ],
  [
    "a bracket closed by another",
    "a: [1, 2}\nb: 3\n",
    " - line 1: the [ that opens in column 4 is not closed; close it with ], and indent every line up to there more than its key",
  ],
  [
    "a bracket that nothing opens",
    "a: [1]]\nb: 2\n",
    " - line 1: nothing belongs to the ] in column 7; remove it",
  ],
  ["a comma for nothing", "a: [,1]", " - line 1: nothing belongs to the , in column 5; remove it"],
  [
    "a quote inside of quotes",
    "a: 'it's'",
    " - line 1: what stands in column 8 does not belong to the value before it; put the whole value in quotes, and write a quote inside of them twice ('') or as \\\"",
  ],
  [
    "a key without a colon",
    "a: 1\nb\nc: 2",
    " - line 2: a colon, a comma or a blank is missing at column 1; a key ends with a colon and a blank, and a comma parts what stands between brackets",
  ],
  [
    "a colon without a blank",
    "a:1\nb: 2",
    " - line 1: a key is longer than one line or 1024 characters; end it with a colon and a blank",
  ],
  [
    "a comment without a blank",
    'a: "x"#y',
    " - line 1: a blank is missing before the # in column 7; put one there",
  ],
  [
    "a value with a colon",
    "a: b: c",
    " - line 1: a second key stands in the line, in column 4; begin a line for it, or put a value with a colon in quotes",
  ],
  [
    "a line between two indentations",
    "a:\n  b: 1\n c: 2",
    " - line 3: the indentation fits no line above; let the keys of one map, and the dashes of one list, begin in one column",
  ],
  [
    "a comma left out",
    "a: {b: 1 c: 2}",
    " - line 1: a comma is missing between brackets, in column 8 or behind it; part what stands between brackets by commas",
  ],
  [
    "a sign of YAML's own",
    "a: @x",
    " - line 1: the value in column 4 begins with a sign that YAML keeps for itself; put it in quotes",
  ],
  [
    "an unknown escape",
    'a: "\\q"',
    " - line 1: what follows the \\ in column 5 is no escape; write \\\\ for the sign itself, or use single quotes",
  ],
  [
    "two anchors",
    "a: &x &y 1",
    " - line 1: the & or * or ! in column 7 has no name, or stands beside another; remove it, or put the value in quotes if it is text",
  ],
])("fails on %s", (_, text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});

test("fails on a quote left open below 200,000 items", () => {
  expect(problemsOf(`a:\n${"- x\n".repeat(200_000)}b: 'x\n`)).toEqual([
    expect.stringMatching(/^ - line 200002: the ' that opens in column 4 is not closed; /),
  ]);
});

test("repeats no value in a message", () => {
  const secret = "hunter2-canary";
  const faults = [
    `a: "${secret}`,
    `a: [${secret}`,
    `${secret}\n b: c: d`,
    `a: "${secret}\\q"`,
    `a: "${secret}\\0"`,
    `a: @${secret}`,
    `- ${secret}: a\n b`,
  ];
  for (const text of faults) {
    const problems = problemsOf(text);
    expect(problems).not.toEqual([]);
    expect(problems.join()).not.toContain(secret);
  }
});

const SECOND_KEY = "a second key stands in the line, in column";
const MEND = "begin a line for it, or put a value with a colon in quotes";

test.each<[string, string, number, number, number]>([
  ["a key", "metadata:\n  name: a\n   namespace: b\n", 2, 9, 3],
  ["a key behind blank lines", "name: a\n\n \n namespace: b\n", 1, 7, 4],
  ["a key of a list's item", "- name: a\n   value: b\n", 1, 9, 2],
  ["a list", "x: y\n  - a: b\n", 1, 4, 2],
])("names the line of %s that is indented too far", (_, text, line, column, deeper) => {
  expect(problemsOf(text)).toEqual([
    ` - line ${line}: ${SECOND_KEY} ${column}, or line ${deeper} is indented too far; ` +
      `${MEND}, or let line ${deeper} begin in the column of the keys around it`,
  ]);
});

test.each([
  ["stands in the same column", "a: b: c\nd: e\n"],
  ["stands less far in", "x:\n  a: b: c\ny: z\n"],
])("blames no next line that %s", (_, text) => {
  expect(problemsOf(text)).toEqual([expect.stringMatching(/: a second key stands [^;]*[0-9]; /)]);
});
