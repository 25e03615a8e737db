// What any Pulumi program costs before its first line: the yardstick of the simulate benchmark.
import "@pulumi/pulumi";
import "@pulumi/kubernetes";
