package console

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

const (
	importSuffix = "/import"
	importPath   = "/api/v1/runs" + importSuffix
	typeXLSX     = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// page answers with what the page shows of a run, but for its course.
func (c *Console) page(w http.ResponseWriter, r *http.Request) {
	if l := c.find(r.PathValue("run")); l != nil && c.cfg.Pages != nil {
		c.livePage(w, r, l)
		return
	}
	report, err := c.report(r.Context(), r.PathValue("run"), false)
	if err == nil && c.cfg.Pages == nil {
		err = trouble(http.StatusNotFound, "this console has no page")
	}
	if err != nil {
		writeProblem(w, c.problemFor(r.Context(), "reading the run", err))
		return
	}
	c.write(w, "application/json", "", func(out io.Writer) error { return c.cfg.Pages.Page(out, report) })
}

// report is a run: as it stands, or as the ledger has it.
func (c *Console) report(ctx context.Context, ref string, whole bool) (*stampede.Report, error) {
	if l := c.find(ref); l != nil {
		if report := l.withServers(); report != nil {
			return c.noted(ctx, l, report), nil
		}
		return nil, starts(l)
	}
	if c.cfg.Ledger == nil {
		return nil, ErrUnknown
	}
	if whole {
		return c.cfg.Ledger.Whole(ctx, ref)
	}
	return c.cfg.Ledger.Report(ctx, ref, false)
}

// noted is the report of the current run with what its row in the ledger says by now: people write into it while the run goes on and
// afterwards, and that it was worse than its baseline is known after its end.
func (c *Console) noted(ctx context.Context, l *live, r *stampede.Report) *stampede.Report {
	if c.cfg.Ledger == nil {
		return r
	}
	e, err := c.cfg.Ledger.Find(ctx, l.id())
	if err != nil { // it is not recorded
		return r
	}
	noted := *r
	run := &noted.Run
	run.Changes, run.Focus, run.Notes, run.Links, run.Tags = e.Changes, e.Focus, e.Notes, e.Links, e.Tags
	if e.Cost > 0 { // known there when the row is finished, which is a moment after the end
		run.Cost, run.CostBasis = e.Cost, e.CostBasis
	}
	return &noted
}

// starts says that a run has no figures yet.
func starts(l *live) *Problem {
	return trouble(http.StatusConflict, "run "+l.id()+" is only just starting: ask again in a moment")
}

// paper is the page of the current run as it was last written: those who come in the same second get the same.
type paper struct {
	mu   sync.Mutex
	at   position
	over bool
	run  stampede.RunInfo
	text []byte
}

// of is the text of the page, written anew when the run went on since. It is never changed afterwards.
func (p *paper) of(ctx context.Context, c *Console, l *live) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, over := l.reached()
	same := p.text != nil && p.at == at && p.over == over
	if same && !over {
		return p.text, nil
	}
	report := l.withServers()
	if report == nil {
		return nil, starts(l)
	}
	report = c.noted(ctx, l, report)
	if same && reflect.DeepEqual(p.run, report.Run) { // nobody has written into its row
		return p.text, nil
	}
	var b buffered
	if err := c.cfg.Pages.Page(&b, report); err != nil {
		return nil, err
	}
	p.at, p.over, p.run, p.text = at, over, report.Run, b.text
	return p.text, nil
}

// livePage answers with the current run.
func (c *Console) livePage(w http.ResponseWriter, r *http.Request, l *live) {
	text, err := l.paper.of(r.Context(), c, l)
	if err != nil {
		writeProblem(w, c.problemFor(r.Context(), "reading the run", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	(&buffered{text}).to(w)
}

// file answers with a run as a file: report.json, stats.csv and so on.
func (c *Console) file(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.PathValue("file"), "report.")
	var format *Format
	if c.cfg.Pages != nil {
		for _, f := range c.cfg.Pages.Formats() {
			if f.Name == name {
				format = &f
			}
		}
	}
	if format == nil {
		problem(w, http.StatusNotFound, "a run has no file "+clip(r.PathValue("file"))+": GET /api/v1/test lists what there is")
		return
	}
	report, err := c.report(r.Context(), r.PathValue("run"), true)
	if err != nil {
		writeProblem(w, c.problemFor(r.Context(), "reading the run", err))
		return
	}
	if last, err := strconv.Atoi(r.URL.Query().Get("last")); err == nil {
		report = shortened(report, last)
	}
	as := report.Run.ID + "." + name
	if name == "junit" {
		as = report.Run.ID + ".xml"
	}
	c.write(w, format.Type, as, func(out io.Writer) error { return format.Write(out, report) })
}

// shortened is a run with the last seconds of its course alone, and without its servers: for those who ask each second how it stands.
func shortened(r *stampede.Report, last int) *stampede.Report {
	short := *r
	short.Series, short.Servers = nil, nil
	if r.Series == nil || last <= 0 {
		return &short
	}
	from, to := r.Series.Span()
	short.Series = stats.NewSeries(stats.SeriesOptions{})
	for at := max(from, to-min(last, mostLast)); at < to; {
		sec := r.Series.Window(at, at+1)
		if sec == nil {
			at++
			continue
		}
		short.Series.Add(sec)
		at = sec.Index + sec.Width
	}
	return &short
}

// mostLast is how many seconds somebody may ask for in that way.
const mostLast = 600

// sheet answers with the whole ledger.
func (c *Console) sheet(w http.ResponseWriter, r *http.Request) {
	ledger, err := c.ledger()
	if err != nil {
		writeProblem(w, c.problemFor(r.Context(), "reading the ledger", err))
		return
	}
	kind, format := typeXLSX, "xlsx"
	if path.Ext(r.URL.Path) == ".csv" {
		kind, format = "text/csv; charset=utf-8", "csv"
	}
	c.write(w, kind, "runs."+format, func(out io.Writer) error { return ledger.Export(r.Context(), out, format) })
}

// carry answers with a run as the ledger keeps it.
func (c *Console) carry(w http.ResponseWriter, r *http.Request) {
	ledger, err := c.ledger()
	if err != nil {
		writeProblem(w, c.problemFor(r.Context(), "reading the ledger", err))
		return
	}
	c.write(w, "application/json", r.PathValue("run")+".run.json", func(out io.Writer) error { return ledger.Carry(r.Context(), out, r.PathValue("run")) })
}

// importSheet takes in the rows of a spreadsheet.
func (c *Console) importSheet(w http.ResponseWriter, r *http.Request) {
	ledger, err := c.ledger()
	var got Imported
	if err == nil {
		name := "sheet.xlsx"
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "text/csv" {
			name = "sheet.csv"
		}
		if given := path.Base(r.URL.Query().Get("name")); strings.HasSuffix(given, ".csv") {
			name = given
		}
		got, err = ledger.Import(r.Context(), name, r.Body)
	}
	if err != nil {
		writeProblem(w, c.problemFor(r.Context(), "taking in the sheet", err))
		return
	}
	c.edits.Add(1)
	got.Doubts = list(got.Doubts)
	c.answer(w, got)
}

// compare answers with two runs, or groups of them, held against each other.
func (c *Console) compare(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	before, now := sides(q.Get("before")), sides(q.Get("now"))
	ledger, err := c.ledger()
	switch {
	case err != nil:
	case len(before) == 0 || len(now) == 0:
		err = Mistakes{{"", "name the runs to compare: ?before=RUN&now=RUN, several with commas between them"}}
	case len(before)+len(now) > 64:
		err = Mistakes{{"", "at most 64 runs are compared at once"}}
	}
	if err == nil {
		var b buffered
		if err = ledger.Compare(r.Context(), &b, before, now, q.Get("page") == "1"); err == nil {
			w.Header().Set("Content-Type", "application/json")
			b.to(w)
			return
		}
	}
	writeProblem(w, c.problemFor(r.Context(), "comparing the runs", err))
}

func sides(text string) []string {
	var refs []string
	for _, ref := range strings.Split(text, ",") {
		if ref = strings.TrimSpace(ref); ref != "" {
			refs = append(refs, ref)
		}
	}
	return refs
}

// trend answers with a figure over the runs of a plan.
func (c *Console) trend(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	ledger, err := c.ledger()
	if err == nil {
		var b buffered
		err = ledger.Trend(r.Context(), &b, TrendQuery{Run: q.Get("run"), Type: q.Get("type"), Name: q.Get("name"), Metric: q.Get("metric")})
		if err == nil {
			w.Header().Set("Content-Type", "application/json")
			b.to(w)
			return
		}
	}
	writeProblem(w, c.problemFor(r.Context(), "reading the trend", err))
}

// buffered is an answer that may still become an error.
type buffered struct{ text []byte }

func (b *buffered) Write(p []byte) (int, error) {
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *buffered) to(w io.Writer) {
	if _, err := w.Write(b.text); err != nil {
		return // whoever asked is gone
	}
}

// write answers with what f writes; as is the name of the file that a browser makes of it, "" for none.
func (c *Console) write(w http.ResponseWriter, kind, as string, f func(io.Writer) error) {
	h := w.Header()
	h.Set("Content-Type", kind)
	if as != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": as}))
		h.Set("Content-Security-Policy", "sandbox")
	}
	out := &counted{w: w}
	b := bufio.NewWriterSize(out, 32<<10)
	err := f(b)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		return
	}
	if out.n == 0 {
		h.Del("Content-Disposition")
		writeProblem(w, c.problemFor(context.Background(), "writing the file", err))
		return
	}
	c.log(fmt.Sprintf("console: writing %s: %v", kind, err))
	panic(http.ErrAbortHandler) // a file that was cut must not look whole
}

type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
