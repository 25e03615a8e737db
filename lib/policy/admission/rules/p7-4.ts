import { HOOK } from "../../releases/helm-hook";
import { DELETES, p7Rule4, UNDO } from "../../rules/p7-4";
import { admissionRule } from "../admission-rule";
import { namespaced, together } from "../admission-scope";
import { faultIf, literal, ofKinds, pattern } from "../cel";
import { PODS } from "../pods";

const READ = ["spec", "metadata.annotations", "metadata.ownerReferences"];
const RETENTION = `dyn(object).spec.?persistentVolumeClaimRetentionPolicy`;
const UNDONE = `variables.notes[?${literal(UNDO)}].orValue("")`;

export const admitP7Rule4 = admissionRule(p7Rule4, {
  rest: "whether the CronJob that undoes a step is there hangs on it; a hook that is a Namespace or a PersistentVolume is the platform's",
  scope: {
    ...together(
      namespaced("v1", ["persistentvolumeclaims", "pods"], READ),
      namespaced("apps/v1", ["statefulsets"], READ),
      namespaced("batch/v1", ["cronjobs", "jobs"], READ),
    ),
    variables: PODS.variables,
  },
  variables: {
    notes: `dyn(object).metadata.?annotations.orValue({})`,
    isHook: `${literal(HOOK)} in variables.notes`,
    isStep:
      `variables.isHook ? variables.notes[${literal(HOOK)}].split(",").exists(e, !e.trim().matches(r"^test(-success|-failure)?$")) : ` +
      `request.kind.kind == "Job" && dyn(object).metadata.?ownerReferences.orValue([]).size() == 0`,
  },
  faults: [
    ofKinds(
      ["PersistentVolumeClaim", "StatefulSet"],
      faultIf(`variables.isHook`, "is a hook, which Helm deletes before it applies it anew"),
    ),
    ofKinds(
      ["StatefulSet"],
      faultIf(
        ["whenDeleted", "whenScaled"]
          .map((event) => `${RETENTION}.?${event}.orValue("Retain") != "Retain"`)
          .join(" || "),
        "persistentVolumeClaimRetentionPolicy deletes volumes; allowed is Retain",
      ),
    ),
    ofKinds(
      ["CronJob", "Job", "Pod"],
      faultIf(
        `variables.isStep && !(${UNDONE} in ["none", "irreversible"] || ${UNDONE}.matches("^CronJob/.+"))`,
        `${UNDO} is not none, irreversible or CronJob/<name>`,
      ),
      faultIf(
        `variables.containers.exists(c, (c.?command.orValue([]) + c.?args.orValue([])).join(" ").matches(${pattern(DELETES)}))`,
        "a container deletes a namespace or a volume, which no rollback brings back",
      ),
    ),
  ],
});
