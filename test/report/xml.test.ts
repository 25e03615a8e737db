import { expect, test } from "vitest";
import { element, xmlText } from "../../lib/report/xml";

test("an element escapes what would end it early", () => {
  const attributes = { a: "<\"&'>\n\t\r", b: 0, c: undefined, d: "" };
  expect(element("x", attributes, xmlText('<y>&"\n\r]]>'))).toBe(
    '<x a="&lt;&quot;&amp;\'&gt;&#10;&#9;&#13;" b="0" d="">&lt;y&gt;&amp;"\n&#13;]]&gt;</x>',
  );
});

test("an element without content is empty", () => {
  expect(element("x", {})).toBe("<x/>");
});

test("text drops what XML cannot hold, and keeps the rest", () => {
  expect(xmlText("a\u0000b\u001bc\u007f\ud800d\ufffe\uffff\u{1f600}é")).toBe(
    "abc\u007fd\u{1f600}é",
  );
});
