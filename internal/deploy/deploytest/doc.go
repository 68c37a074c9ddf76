// Package deploytest is a stand-in for the services of AWS that a deployment uses: Elastic Beanstalk, S3, Systems Manager's parameters, EC2, Auto Scaling,
// Pricing, Service Quotas, STS and ECS. It holds every request against AWS's own models of them, does what AWS's documentation says each call does, and can
// fail any call in the ways in which networks and services fail. It is a model of AWS, made by reading: it was never compared with an account.
//
// [Faults], [Killed] and [Rights] are what every kind of deployment on it has to pass.
package deploytest
