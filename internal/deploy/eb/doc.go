// Package eb makes, shows and removes a deployment on AWS Elastic Beanstalk.
//
// A deployment is one application of Elastic Beanstalk with up to two environments: workers, and the controller that they dial. Both are of the worker
// tier, which has no load balancer. [Deployment.Up] makes what is missing, in an order in which every later step can be found from the earlier ones: the
// application, parameters with the secrets, bundles in the bucket, the controller, the workers. So [Deployment.Down] needs nothing but the name, whatever has
// happened before; it removes in the opposite order and proves it by listing. [Print] says all of it without asking anybody.
package eb
