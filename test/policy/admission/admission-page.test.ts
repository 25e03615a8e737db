import { format } from "prettier";
import { expect, test } from "vitest";
import { admissionPage } from "../../../lib/policy/admission/admission-page";
import { ADMISSION_RULES } from "../../../lib/policy/admission/admission-rules";
import { NOT_ADMITTED } from "../../../lib/policy/admission/not-admitted";
import { ALL_RULES } from "../../../lib/policy/rules";

// `npx vitest run test/policy/admission/admission-page.test.ts -u` writes it anew.
test("docs/admission.md is what the code says", async () => {
  const page = admissionPage(ALL_RULES, ADMISSION_RULES, NOT_ADMITTED);
  const formatted = await format(page, { parser: "markdown", printWidth: 100 });
  await expect(formatted).toMatchFileSnapshot("../../../docs/admission.md");
});
