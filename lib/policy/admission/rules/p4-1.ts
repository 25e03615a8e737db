import { isLongRunning } from "../../../kubernetes/pod-template";
import { p4Rule1 } from "../../rules/p4-1";
import { PORT, SCRAPE, SCRAPE_PATH, SCRAPE_PORT } from "../../scraping/scrape-routes";
import { admissionRule } from "../admission-rule";
import { reading } from "../admission-scope";
import { faultIf, literal, ofKinds, pattern } from "../cel";
import { POD_KINDS, PODS } from "../pods";

const value = (key: string) => `variables.annotations[?${literal(key)}].orValue("")`;
const IS_SCRAPED = `${value(SCRAPE)} == "true"`;

export const admitP4Rule1 = admissionRule(p4Rule1, {
  rest: "whether a monitor selects the pod, and no second route, hangs on the monitors",
  scope: reading(PODS, "metadata.annotations"),
  faults: [
    ofKinds(
      POD_KINDS.filter(isLongRunning),
      faultIf(
        `variables.annotations[?${literal(SCRAPE)}].hasValue() && !(${value(SCRAPE)} in ["true", "false"])`,
        `${SCRAPE} is neither true nor false`,
      ),
      faultIf(
        `${IS_SCRAPED} && (!${value(SCRAPE_PORT)}.matches(${pattern(PORT)}) || int(${value(SCRAPE_PORT)}) > 65535)`,
        `${SCRAPE_PORT} is no port`,
      ),
      faultIf(
        `${IS_SCRAPED} && !${value(SCRAPE_PATH)}.startsWith("/")`,
        `${SCRAPE_PATH} is no path such as /metrics`,
      ),
    ),
  ],
});
