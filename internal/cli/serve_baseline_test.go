package cli

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/verdict"
)

// A run that was started on the page is held against its baseline, and everything that is made of it later says that it was worse.
func TestServeJudgesByTheBaseline(t *testing.T) {
	t.Parallel()
	site := newSite()
	defer site.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "runs.db")
	s := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0", "--ledger", path)
	start := func(more string) string {
		t.Helper()
		var started struct{ ID string }
		body := `{"users":2,"run-time":12,"tags":["slow"],"allow-invalid":true,"host":"` + site.URL + `"` + more + `}`
		if status := s.ask("POST", "/api/v1/runs", body, &started); status != 201 {
			t.Fatalf("start: %d; it said %s", status, s.out.String())
		}
		return started.ID
	}
	first := start("")
	s.ask("POST", "/api/v1/runs/current/stop", "", nil)
	s.untilState("done")
	quick := quicker(t, path, first)
	id := start(`,"baseline":"` + quick + `"`)
	s.untilState("done")
	line := regexp.MustCompile(`run ` + id + ` (REGRESSED|INVALID): 2 users`) // the machine of a test may be busy
	s.await(line.MatchString)
	var run struct {
		Outcome string
		Tags    []string
	}
	s.ask("GET", "/api/v1/runs/"+id, "", &run)
	if word := line.FindStringSubmatch(s.out.String())[1]; !slices.Contains(run.Tags, report.RegressedTag) || run.Outcome != word {
		t.Errorf("in the ledger: %+v", run)
	}
	for file, want := range map[string]string{
		"page": `"outcome":\s*"(REGRESSED|INVALID)"`, "report.html": `fans: (REGRESSED|INVALID)</title>`, "report.json": `"result":\s*"(REGRESSED|INVALID): 2 users`,
		"report.md": `: (REGRESSED|INVALID)\n`,
	} {
		for _, ref := range []string{id, "last"} {
			resp, err := http.Get(s.url + "/api/v1/runs/" + ref + "/" + file)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || !regexp.MustCompile(want).Match(text) {
				t.Errorf("%s of %s: %v %.300s", file, ref, err, text)
			}
		}
	}
	s.end()
	for _, args := range [][]string{{"runs", "show", "last"}, {"runs", "export", "last", "--json", "-"}, {"runs", "export", "last", "--md", "-"}} {
		if _, said := fans(t, dir, []string{"HOME=" + dir}, append(args, "--ledger", path)...); !regexp.MustCompile(`\b(REGRESSED|INVALID)\b`).MatchString(said) {
			t.Errorf("%q: %s", args, said)
		}
	}
}

// quicker writes a run into a ledger that is as another one, and a hundred times as quick.
func quicker(t *testing.T, path, id string) string {
	t.Helper()
	ctx := context.Background()
	led, err := ledger.Open(ctx, path, ledger.Options{Results: report.Results})
	if err != nil {
		t.Fatal(err)
	}
	run, err := led.Find(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	s := ledgertest.Make(ledgertest.Load{Seconds: 40, Rate: 30, Slow: 0.01, Start: run.Started.Add(-time.Hour)})
	info := run.RunInfo
	info.ID, info.Started, info.Duration = s.Info.ID, s.Info.Started, s.Report.Run.Duration
	info.Stopped, info.Interrupted = "time", false
	s.Info, s.Report.Run, s.Report.Verdict = info, info, verdict.Health{}
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	s.Tell(r, len(s.Seconds))
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := led.Close(); err != nil {
		t.Fatal(err)
	}
	return info.ID
}
