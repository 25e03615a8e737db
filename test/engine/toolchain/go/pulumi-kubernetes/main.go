// Command pulumi-resource-kubernetes is Pulumi's own Kubernetes provider. Its module holds the
// provider whole, but for the schema that its release process generates and embeds into the program;
// the engine does not ask for that when it runs a stack.
package main

import (
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

func main() {
	provider.Serve("kubernetes", version.Version, []byte("{}"), []byte("{}"))
}
