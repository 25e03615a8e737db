import { p1Pod2 } from "../../../lib/policy/rules/p1-pod-2";
import { describeContainerCases, describePodCases } from "../rule-cases";

const HOST = { httpGet: { path: "/", port: 80, host: "169.254.169.254" } };

describePodCases(p1Pod2, [
  {
    title: "passes null in place of false",
    set: [[["spec", "hostPID"], null]],
    findings: [],
  },
  ...["hostNetwork", "hostPID", "hostIPC"].map((field) => ({
    title: `fails ${field}`,
    set: [[["spec", field], true] as const],
    findings: [{ field: `.spec.${field}`, message: `${field} is true; allowed is false` }],
  })),
]);

describeContainerCases(p1Pod2, [
  {
    title: "passes host port 0 and an empty host",
    set: [
      [["ports", 0, "hostPort"], 0],
      [["readinessProbe", "httpGet", "host"], ""],
      [["lifecycle", "postStart"], { httpGet: { path: "/", port: 80, host: null } }],
    ],
    findings: [],
  },
  {
    title: "fails a host port, and only that one",
    set: [[["ports", 1], { containerPort: 22, hostPort: 22 }]],
    findings: [{ field: ".ports[1].hostPort", message: "hostPort is 22; allowed is none" }],
  },
  ...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) => ({
    title: `fails a ${probe} of another host by HTTP`,
    set: [[[probe], HOST] as const],
    findings: [
      {
        field: `.${probe}.httpGet.host`,
        message: 'host is "169.254.169.254"; allowed is the pod itself',
      },
    ],
  })),
  ...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) => ({
    title: `fails a ${probe} of another host by TCP`,
    set: [[[probe], { tcpSocket: { port: 22, host: "db" } }] as const],
    findings: [
      { field: `.${probe}.tcpSocket.host`, message: 'host is "db"; allowed is the pod itself' },
    ],
  })),
  ...["postStart", "preStop"].map((hook) => ({
    title: `fails a ${hook} hook that calls another host`,
    set: [[["lifecycle", hook], HOST] as const],
    findings: [
      {
        field: `.lifecycle.${hook}.httpGet.host`,
        message: 'host is "169.254.169.254"; allowed is the pod itself',
      },
    ],
  })),
  {
    title: "fails a hook that opens a socket to another host",
    set: [[["lifecycle", "preStop"], { tcpSocket: { port: 22, host: "db" } }]],
    findings: [
      {
        field: ".lifecycle.preStop.tcpSocket.host",
        message: 'host is "db"; allowed is the pod itself',
      },
    ],
  },
]);
