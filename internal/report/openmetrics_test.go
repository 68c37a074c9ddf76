package report

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// family is what a parser of OpenMetrics text knows of one family.
type family struct {
	kind string
	seen map[string]bool // label sets with sample names
}

var (
	metricSample = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$`)
	metricPair   = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)`)
)

// checkOpenMetrics is a strict reader of the OpenMetrics 1.0 text format, as far as stampede uses it: the order of descriptors, suffixes
// by type, units in names, escaping, no duplicates, no blank lines, one end.
func checkOpenMetrics(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) || !strings.HasSuffix(text, "# EOF\n") || strings.Count(text, "# EOF") != 1 {
		t.Fatal("not UTF-8 with one # EOF at the end")
	}
	suffixes := map[string][]string{"gauge": {""}, "counter": {"_total"}, "info": {"_info"}, "stateset": {""}, "summary": {"", "_sum", "_count"}}
	seen := make(map[string]bool)
	name, now := "", &family{}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "# EOF\n"), "\n") {
		if line == "" && strings.HasSuffix(text, "\n# EOF\n") {
			continue // what follows the last line
		}
		if rest, ok := strings.CutPrefix(line, "# "); ok {
			what, rest, _ := strings.Cut(rest, " ")
			of, value, _ := strings.Cut(rest, " ")
			if what == "TYPE" {
				if seen[of] {
					t.Fatalf("family %s comes twice", of)
				}
				seen[of] = true
				name, now = of, &family{kind: value, seen: make(map[string]bool)}
				if suffixes[value] == nil {
					t.Fatalf("type %q", value)
				}
				continue
			}
			if of != name || len(now.seen) > 0 {
				t.Fatalf("%q is out of place", line)
			}
			if what == "UNIT" && !strings.HasSuffix(name, "_"+value) {
				t.Fatalf("%s does not end with its unit %s", name, value)
			}
			continue
		}
		m := metricSample.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("not a sample: %q", line)
		}
		suffix, ok := strings.CutPrefix(m[1], name)
		if !ok || !slices.Contains(suffixes[now.kind], suffix) {
			t.Fatalf("%s is no sample of the %s %s", m[1], now.kind, name)
		}
		checkLabels(t, m[2])
		if now.seen[m[1]+"{"+m[2]+"}"] {
			t.Fatalf("twice: %s", line)
		}
		now.seen[m[1]+"{"+m[2]+"}"] = true
		v, err := strconv.ParseFloat(m[3], 64)
		if err != nil || now.kind == "counter" && (v < 0 || math.IsNaN(v)) {
			t.Fatalf("value %q in %q", m[3], line)
		}
	}
}

func checkLabels(t *testing.T, labels string) {
	t.Helper()
	names := make(map[string]bool)
	for labels != "" {
		m := metricPair.FindStringSubmatch(labels)
		if m == nil || names[m[1]] {
			t.Fatalf("labels %q", labels)
		}
		names[m[1]] = true
		labels = labels[len(m[0]):]
	}
}

func TestOpenMetricsIsStrictlyValid(t *testing.T) {
	for name, r := range runs() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteOpenMetrics(&b, r); err != nil {
				t.Fatal(err)
			}
			checkOpenMetrics(t, b.String())
		})
	}
}
