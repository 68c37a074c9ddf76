// Package gotest shows a load test inside go test: see its test file.
package gotest
