package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/report/reporttest"
)

const secret = "hunter2hunter2"

// keeper is a visitor with secrets of every kind.
type keeper struct{ stampede.HTTPUser }

func (k *keeper) LogIn(ctx context.Context) error {
	_, err := k.Post(ctx, "/login?access_token="+secret, stampede.Form("email", "me@example.org", "password", secret),
		stampede.WithHeader("Authorization", "Bearer "+secret), stampede.WithHeader("Cookie", "session="+secret))
	if err != nil {
		return errors.New("log in with password=" + secret + ": " + err.Error())
	}
	return nil
}

// TestSecretsNeverEnter records a real run whose users log in, and looks for the secrets among the bytes of the ledger.
func TestSecretsNeverEnter(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: secret})
		if r.Header.Get("Authorization") == "Bearer "+secret {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer site.Close()
	where := filepath.Join(t.TempDir(), "runs.db")
	led, _ := opened(t, where)
	host := strings.Replace(site.URL, "http://", "http://user:"+secret+"@", 1)
	r := led.Record(ledger.Header{Command: "keeper run -H " + host}, ledger.RecorderOptions{})
	rep, err := stampede.Run(t.Context(), stampede.Plan{
		Test: stampede.Test{Name: "keepers", Users: []stampede.UserType{stampede.Users(stampede.Spec[keeper]{
			Tasks: []stampede.Task[keeper]{{Do: (*keeper).LogIn}},
		})}},
		Host: site.URL, Iterations: 3, Notes: "log in at " + host, Links: []string{host}, Observers: []stampede.Observer{r},
	})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Whole.Total.Failures != 3 || len(rep.Whole.Errors) == 0 {
		t.Errorf("%d requests failed, with %d kinds of errors", rep.Whole.Total.Failures, len(rep.Whole.Errors))
	}
	if err := errors.Join(r.Close(t.Context()), led.Close()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(where + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("the secret is in %s", filepath.Base(name))
		}
	}
	again, _ := opened(t, where) // what is packed is looked at unpacked
	defer again.Close()
	run, err := again.Find(t.Context(), "last")
	if err != nil {
		t.Fatal(err)
	}
	full, err := again.Report(t.Context(), run)
	if err != nil || full.Whole.Total.Count != rep.Whole.Total.Count {
		t.Fatalf("%v: the report has %d requests", err, full.Whole.Total.Count)
	}
	var text bytes.Buffer
	if err := report.WriteJSON(&text, full, report.JSONOptions{Series: true}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), secret) {
		t.Error("the secret is in the report from the ledger")
	}
}

// TestEveryExportFromTheLedger wants the exports of a run from the ledger to be those of the run, byte for byte.
func TestEveryExportFromTheLedger(t *testing.T) {
	led, _ := opened(t, filepath.Join(t.TempDir(), "runs.db"))
	defer led.Close()
	want := reporttest.Sample()
	want.Run.ID = "sample"
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	r.Begin(want.Run)
	for sec := range want.Series.Seconds() {
		r.Second(sec)
	}
	r.End(want)
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	run, err := led.Find(t.Context(), "sample")
	if err != nil {
		t.Fatal(err)
	}
	got, err := led.Report(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(*bytes.Buffer, *stampede.Report) error{
		"json": func(b *bytes.Buffer, r *stampede.Report) error {
			return report.WriteJSON(b, r, report.JSONOptions{Series: true})
		},
		"html":     func(b *bytes.Buffer, r *stampede.Report) error { return report.WriteHTML(b, r) },
		"markdown": func(b *bytes.Buffer, r *stampede.Report) error { return report.WriteMarkdown(b, r) },
		"csv":      func(b *bytes.Buffer, r *stampede.Report) error { return report.WriteCSVStats(b, r) },
		"history": func(b *bytes.Buffer, r *stampede.Report) error {
			return report.WriteCSVHistory(b, r, report.CSVOptions{FullHistory: true})
		},
		"hlog": func(b *bytes.Buffer, r *stampede.Report) error { return report.WriteHLog(b, r) },
	} {
		var a, b bytes.Buffer
		if err := errors.Join(write(&a, want), write(&b, got)); err != nil {
			t.Fatal(name, err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			i := 0
			for i < min(a.Len(), b.Len()) && a.Bytes()[i] == b.Bytes()[i] {
				i++
			}
			t.Errorf("%s differs at byte %d: %.100q, want %.100q", name, i, b.Bytes()[i:], a.Bytes()[i:])
		}
	}
}

// TestClocks starts runs around a change to winter time and with a clock that was set back, and wants the hours as they were on the wall.
func TestClocks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	where := filepath.Join(t.TempDir(), "runs.db")
	first := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	for i, start := range []time.Time{first.In(berlin), first.Add(time.Hour).In(berlin), first.Add(-10 * time.Minute).In(berlin)} {
		recorded(t, where, ledgertest.Load{Start: start, Seconds: 70, Seed: uint64(i)})
	}
	led, _ := opened(t, where)
	defer led.Close()
	runs, err := led.Runs(t.Context(), ledger.Filter{})
	if err != nil || len(runs) != 3 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for i, want := range []string{"2026-10-25 02:20 CEST", "2026-10-25 02:30 CEST", "2026-10-25 02:30 CET"} {
		if got := runs[i].Started.Format("2006-01-02 15:04 MST"); got != want || runs[i].Duration != 70*time.Second {
			t.Errorf("run %d started %s, want %s, and lasted %v", i, got, want, runs[i].Duration)
		}
	}
	last, err := led.Find(t.Context(), "last")
	if err != nil || last.Number != 3 {
		t.Errorf("the last run is number %d, %v: a clock that was set back must not change which one that is", last.Number, err)
	}
}
