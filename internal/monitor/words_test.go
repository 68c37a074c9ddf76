package monitor_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/monitor/command"
	"github.com/stampede-load/stampede/internal/monitor/mysql"
	"github.com/stampede-load/stampede/internal/monitor/postgres"
	"github.com/stampede-load/stampede/internal/monitor/prometheus"
	"github.com/stampede-load/stampede/internal/monitor/redis"
)

// What is to be written instead of a wrong address can be read where it is shown: nothing of it looks like a password.
func TestAdviceIsNotMasked(t *testing.T) {
	_, noMySQL := mysql.New("")
	_, noRedis := redis.New("")
	_, noPostgres := postgres.New("postgres://h:port/d")
	for _, err := range []error{noMySQL, noRedis, noPostgres} {
		if err == nil || mask.Text(err.Error()) != err.Error() || !strings.Contains(err.Error(), "USER:PASSWORD") {
			t.Errorf("%v", err)
		}
	}
}

// Why a server cannot be read is one line, with neither its user nor what else pgx has tried.
func TestFailuresOfReading(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	s, err := postgres.New("postgres://annalena:secret-17@127.0.0.1:1/books")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Read(ctx)
	if err == nil || !strings.HasPrefix(err.Error(), "ask PostgreSQL at 127.0.0.1:1: ") || strings.ContainsAny(err.Error(), "\n`") || strings.Contains(err.Error(), "annalena") {
		t.Errorf("postgres: %v", err)
	}
	c, err := command.New(`sh -c "echo a 1"`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Read(ctx); err == nil || !strings.Contains(err.Error(), "quotes are not read here") {
		t.Errorf("command: %v", err)
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{"status":"success"}`)) }))
	defer site.Close()
	p, err := prometheus.New(site.URL + "#a=up")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = p.Range(ctx, time.Now().Add(-time.Minute), time.Now()); err == nil || !strings.Contains(err.Error(), "is not of its API") {
		t.Errorf("prometheus: %v", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Error("no time was left")
	}
}
