// The yardstick of the preview benchmark: what any program costs on this engine.
require("@pulumi/pulumi");
