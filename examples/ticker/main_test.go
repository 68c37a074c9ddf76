package main

import (
	"net/http"
	"testing"

	"github.com/stampede-load/stampede/stampedetest"
)

func TestTicker(t *testing.T) {
	report := stampedetest.Run(t, http.HandlerFunc(ticker), test(""), 5)
	stampedetest.NoFailures(t, report)
	stampedetest.AtLeast(t, report, "/news", 1)
	stampedetest.AtLeast(t, report, "/news (event)", 4)
}
