// Package aws asks the services of AWS that a deployment needs, by their own wire forms.
//
// Here is what is common to all calls: the query protocol and XML ([Client.Do] of Elastic Beanstalk, EC2, Auto Scaling, STS), JSON 1.1 (ECS, Systems Manager,
// Pricing, Service Quotas) and the three requests of S3. Requests are maps whose keys are the members that AWS's models name; the tests hold each one against those
// models. Credentials, signatures, retries and the correction of a wrong clock are the SDK's; why its clients of the services are not, docs/architecture.md says.
package aws
