package main

import (
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/stampedetest"
)

func TestHealth(t *testing.T) {
	url, stop, err := site()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	report := stampedetest.Plan(t, stampede.Plan{Test: test(""), Host: url, Users: stampede.Level(2), Iterations: 30, Seed: 1})
	stampedetest.NoFailures(t, report)
	for name, n := range map[string]int64{"connect": 2, "grpc.health.v1.Health/Check": 1, "by name": 1, "watch": 1} {
		stampedetest.AtLeast(t, report, name, n)
	}
}
