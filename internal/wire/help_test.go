package wire

import (
	"net/http"
	"testing"
	"time"
)

func newEngine(tb testing.TB, cfg Config) *Engine {
	tb.Helper()
	e, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { e.Close() })
	return e
}

func target(tb testing.TB, e *Engine, base string) *Target {
	tb.Helper()
	t, err := e.Target(base)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func cookieOf(name, value string) []*http.Cookie { return []*http.Cookie{{Name: name, Value: value}} }

var _ = time.Second
