// Package deploy puts workers on machines that go away by themselves.
//
// It holds what all kinds of places share: [File], of which bundles and manifests are made, and names ([Name]). Each place has a package below: docker and k8s
// write files for the tools that people have there; eb and ecs make, show and remove deployments on AWS, which they ask through aws.
package deploy
