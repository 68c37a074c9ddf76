package main

import (
	"net/http"
	"testing"

	"github.com/stampede-load/stampede/stampedetest"
)

func TestWaitingRoom(t *testing.T) {
	report := stampedetest.Run(t, http.HandlerFunc(room), test(""), 3)
	stampedetest.NoFailures(t, report)
	stampedetest.AtLeast(t, report, "/queue", 1)
}
