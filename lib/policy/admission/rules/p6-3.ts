import { HOOK } from "../../releases/helm-hook";
import { JOB_CONTROLLER, MOST_RETRIES, p6Rule3, RETRIES_PER_INDEX } from "../../rules/p6-3";
import { admissionRule } from "../admission-rule";
import { namespaced, together } from "../admission-scope";
import { faultIf, literal, ofKinds } from "../cel";

const DEADLINE = "activeDeadlineSeconds";

export const admitP6Rule3 = admissionRule(p6Rule3, {
  rest: "a release is no object of the API server",
  scope: together(
    namespaced("batch/v1", ["cronjobs", "jobs"]),
    namespaced("v1", ["pods"], ["spec", "metadata.annotations"]),
  ),
  variables: {
    job: `request.kind.kind == "CronJob" ? dyn(object).spec.jobTemplate.spec : dyn(object).spec`,
  },
  faults: [
    ofKinds(
      ["CronJob", "Job"],
      faultIf(`variables.job.?${DEADLINE}.orValue(0) <= 0`, `${DEADLINE} is not set`),
      faultIf(
        `variables.job.?backoffLimit.orValue(variables.job.?backoffLimitPerIndex.hasValue() ? ${RETRIES_PER_INDEX} : ${MOST_RETRIES}) > ${MOST_RETRIES}`,
        `backoffLimit is above ${MOST_RETRIES}, or not set beside backoffLimitPerIndex`,
      ),
      faultIf(
        `variables.job.?suspend.orValue(false)`,
        "suspend stops the Job and its deadline until somebody resumes it",
      ),
      faultIf(
        `variables.job.?managedBy.orValue(${literal(JOB_CONTROLLER)}) != ${literal(JOB_CONTROLLER)}`,
        `managedBy is another than ${JOB_CONTROLLER}, which need not keep the deadline`,
      ),
    ),
    ofKinds(
      ["Pod"],
      faultIf(
        `${literal(HOOK)} in dyn(object).metadata.?annotations.orValue({}) && dyn(object).spec.?${DEADLINE}.orValue(0) <= 0`,
        `${DEADLINE} of a hook is not set`,
      ),
    ),
  ],
});
