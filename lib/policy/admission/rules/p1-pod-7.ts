import { APP_ARMOR } from "../../pod-security/app-armor-profile";
import { PROFILES } from "../../pod-security/profile-type";
import { SELINUX_TYPES } from "../../pod-security/se-linux-options";
import { SYSCTLS } from "../../pod-security/sysctls";
import { p1Pod7 } from "../../rules/p1-pod-7";
import { admissionRule } from "../admission-rule";
import { reading } from "../admission-scope";
import { faultIf, literal } from "../cel";
import { inContainers, PODS } from "../pods";

/** CEL: whether a security context has a profile that loosens what the runtime gives. */
const loosens = (context: string, profile: string) =>
  `${context}.?${profile}.hasValue() && !(${context}.?${profile}.?type.orValue("") in ${literal(PROFILES)})`;

/** CEL: whether a security context has SELinux options that lead to another domain. */
const relabels = (context: string) =>
  `!(${context}.?seLinuxOptions.?type.orValue("") in ${literal(["", ...SELINUX_TYPES.keys()])}) || ` +
  ["user", "role"]
    .map((name) => `${context}.?seLinuxOptions.?${name}.orValue("") != ""`)
    .join(" || ");

const OF_CONTAINER = "c.?securityContext";
const OF_POD = "variables.context";
const SYSCTL_NAMES = literal(SYSCTLS.keys());

export const admitP1Pod7 = admissionRule(p1Pod7, {
  scope: reading(PODS, "metadata.annotations"),
  faults: [
    faultIf(
      `!variables.onWindows && ${loosens(OF_POD, "seccompProfile")}`,
      "the pod's seccompProfile is not RuntimeDefault or Localhost",
    ),
    inContainers(
      `!variables.onWindows && (${loosens(OF_CONTAINER, "seccompProfile")} || ` +
        `!${OF_CONTAINER}.?seccompProfile.hasValue() && !${OF_POD}.?seccompProfile.hasValue())`,
      "has no seccompProfile, nor has its pod, or one that is not RuntimeDefault or Localhost",
    ),
    faultIf(
      loosens(OF_POD, "appArmorProfile"),
      "the pod's appArmorProfile is not RuntimeDefault or Localhost",
    ),
    inContainers(
      loosens(OF_CONTAINER, "appArmorProfile"),
      "appArmorProfile is not RuntimeDefault or Localhost",
    ),
    faultIf(relabels(OF_POD), "the pod's seLinuxOptions lead to another domain, user or role"),
    inContainers(relabels(OF_CONTAINER), "seLinuxOptions lead to another domain, user or role"),
    faultIf(
      `variables.annotations.exists(key, key.startsWith(${literal(APP_ARMOR)}) && ` +
        `!(variables.annotations[key] in ["", "runtime/default"]) && ` +
        `!variables.annotations[key].startsWith("localhost/"))`,
      "an AppArmor annotation is not runtime/default or localhost/…",
    ),
    faultIf(
      `${OF_POD}.?sysctls.orValue([]).exists(s, !(s.name in ${SYSCTL_NAMES}))`,
      "a sysctl reaches past the pod",
    ),
  ],
});
