// Package ecs runs workers as tasks of AWS Fargate, for a controller that is elsewhere.
//
// A deployment is a cluster of its own, a parameter with the join URL, a task definition, and the tasks, which end by themselves: after so long without a
// run, and after their hours in any case. [Deployment.Up] makes what is missing; [Deployment.Down] needs nothing but the name.
package ecs
