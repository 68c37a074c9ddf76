package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// hlogLines bounds the tagged histograms of a log: two hours of 200 names would be 1.4 million of them, one a second.
const hlogLines = 20_000

// WriteHLog writes the course of the run as an HdrHistogram log, version 1.3: one histogram of all requests for each stretch of the
// series, untagged, and one for each request name, tagged with type and name ("GET_Log%20In"), over stretches long enough to keep their
// number below about 20,000. The histograms are of the headline (response or service), in nanoseconds; maxima are in milliseconds, as is
// usual in such logs. It needs a series.
//
// Other tools print the upper end of a bucket where stampede prints its middle, which is up to 0.4 % higher, and round the rank of a
// quantile where stampede takes the next one, which shows with few samples.
func WriteHLog(w io.Writer, r *stampede.Report) error {
	if r.Series == nil {
		return errNoSeries
	}
	return writeHLog(w, r, hlogLines)
}

// writeHLog writes about as many tagged histograms as given, or fewer.
func writeHLog(w io.Writer, r *stampede.Report, lines int) error {
	l := hlog{w: bufio.NewWriterSize(w, 64<<10), paced: r.Run.Paced}
	started := float64(r.Run.Started.UnixMilli()) / 1000
	l.printf("#[Logged by stampede %s: %s time of run %s]\n", hlogComment(r.Run.Version), r.Headline(), hlogComment(r.Run.ID))
	l.printf("#[Histogram log format version 1.3]\n")
	l.printf("#[StartTime: %.3f (seconds since epoch), %s]\n", started, r.Run.Started.UTC().Format("Mon Jan 02 15:04:05 MST 2006"))
	l.printf("#[BaseTime: %.3f (seconds since epoch)]\n", started)
	l.printf("\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n")
	l.course(r.Series, lines)
	if l.err == nil {
		l.err = l.w.Flush()
	}
	return l.err
}

// errNoSeries is the error of exports that show the course of a run, for a result that was saved without it.
var errNoSeries = errors.New("the result has no series over time; save it with the series (--json-series) to make this export from it")

// hlog writes lines; the first error stays.
type hlog struct {
	w     *bufio.Writer
	err   error
	enc   hdrEncoder
	paced bool
}

func (l *hlog) printf(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format, args...)
	}
}

// course writes the stretches. Names are gathered until a block is full, so one block is in memory, not the run.
func (l *hlog) course(s *stats.Series, lines int) {
	from, to := s.Span()
	keys := s.Keys()
	block := max(1, (to-from)*len(keys)/lines)
	gathered := &stats.Second{Index: from}
	rows := make(map[stats.Key]*stats.Row)
	for sec := range s.Seconds() {
		if gathered.Width > 0 && sec.Index+sec.Width-gathered.Index > block {
			l.names(gathered, keys, rows)
			gathered = &stats.Second{Index: sec.Index}
		}
		gathered.Width = sec.Index + sec.Width - gathered.Index
		for i := range sec.Rows {
			into := rows[sec.Rows[i].Key]
			if into == nil {
				into = &stats.Row{Key: sec.Rows[i].Key}
				rows[into.Key] = into
			}
			into.Headline(l.paced).Merge(sec.Rows[i].Headline(l.paced))
		}
		l.line("", sec, sec.Total.Headline(l.paced))
		if l.err != nil {
			return
		}
	}
	l.names(gathered, keys, rows)
}

// names writes a block of the names and empties it.
func (l *hlog) names(sec *stats.Second, keys []stats.Key, rows map[stats.Key]*stats.Row) {
	for _, k := range keys {
		if row := rows[k]; row != nil {
			l.line("Tag="+hlogTag(k)+",", sec, row.Headline(l.paced))
		}
	}
	clear(rows)
}

func (l *hlog) line(tag string, sec *stats.Second, h *hist.Hist) {
	if h.IsEmpty() || l.err != nil {
		return
	}
	text, err := l.enc.encode(h)
	if err != nil {
		l.err = err
		return
	}
	l.printf("%s%.3f,%.3f,%.3f,%s\n", tag, float64(sec.Index), float64(sec.Width), float64(h.Max())/1e6, text)
}

// hlogTag is a key as a tag, which may hold no comma, space or line end: what is not plain is written %XX, and can be read back.
func hlogTag(k stats.Key) string {
	s := k.Name
	if k.Type != "" {
		s = k.Type + "_" + k.Name
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == ',' || c == '%' || c == 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// hlogComment keeps a text from ending the comment it is in.
func hlogComment(s string) string {
	return strings.NewReplacer("[", "(", "]", ")").Replace(format.Text(s, 100))
}
