package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/xuri/excelize/v2"
)

// Whatever file somebody looks at, a percentile is the same number: microseconds where the file has decimals, rounded once where it has
// not.
func TestPercentilesAgreeToTheDigit(t *testing.T) {
	for name, r := range runs() {
		t.Run(name, func(t *testing.T) {
			// row -> quantile -> ms, as the JSON has it: of the headline, and what the CSV shows
			back, numbers := make(map[string]map[string]float64), make(map[string]map[string]float64)
			var file struct {
				Requests []map[string]any `json:"requests"`
				Total    map[string]any   `json:"total"`
			}
			if err := json.Unmarshal(jsonOf(t, r, JSONOptions{}), &file); err != nil {
				t.Fatal(err)
			}
			for _, row := range append(file.Requests, file.Total) {
				key := fmt.Sprint(row["type"], " ", row["name"])
				figures := func(of string) map[string]float64 {
					all := make(map[string]float64)
					for q, v := range row[of].(map[string]any) {
						all[q], _ = v.(float64)
					}
					return all
				}
				back[key], numbers[key] = figures(r.Headline()), figures(r.Headline())
				if back[key]["count"] == 0 { // Locust has numbers wherever there were requests
					numbers[key] = figures("failed")
				}
			}
			t.Run("csv", func(t *testing.T) { csvAgrees(t, r, numbers) })
			t.Run("xlsx", func(t *testing.T) { xlsxAgrees(t, r, back) })
			t.Run("metrics", func(t *testing.T) { metricsAgree(t, r, back) })
			t.Run("markdown", func(t *testing.T) { markdownAgrees(t, r, back) })
		})
	}
}

func keyOf(kind, name string) string {
	if kind == "" && name == aggregated {
		return " "
	}
	return kind + " " + strings.ToValidUTF8(name, "\uFFFD")
}

func csvAgrees(t *testing.T, r *stampede.Report, want map[string]map[string]float64) {
	var b bytes.Buffer
	if err := WriteCSVStats(&b, r); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		key := " "
		if i < len(r.Judged.Rows) {
			key = keyOf(r.Judged.Rows[i].Type, r.Judged.Rows[i].Name)
		}
		q := want[key]
		if q["count"] == 0 {
			if row[11] != notAvailable {
				t.Errorf("%s: percentile %s of nothing", key, row[11])
			}
			continue
		}
		for column, name := range map[int]string{11: "p50", 15: "p90", 16: "p95", 18: "p99", 19: "p99_9", 21: "max", 4: "p50"} {
			if got, want := row[column], strconv.FormatInt(format.WholeMillis(time.Duration(q[name]*1e6+0.5)), 10); got != want {
				t.Errorf("%s: column %d is %s, JSON's %s %v", key, column, got, name, q[name])
			}
		}
		for column, name := range map[int]string{5: "mean", 6: "min", 7: "max"} {
			if got, want := row[column], strconv.FormatFloat(q[name], 'f', -1, 64); got != want {
				t.Errorf("%s: column %d is %s, JSON's %s %s", key, column, got, name, want)
			}
		}
	}
}

func xlsxAgrees(t *testing.T, r *stampede.Report, want map[string]map[string]float64) {
	var b bytes.Buffer
	if err := WriteXLSX(&b, r); err != nil {
		t.Fatal(err)
	}
	workbook, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := workbook.GetRows("Requests", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		key := " "
		if i < len(r.Judged.Rows) {
			key = keyOf(r.Judged.Rows[i].Type, r.Judged.Rows[i].Name)
		}
		q := want[key]
		for column, name := range map[int]string{6: "mean", 7: "min", 8: "p50", 9: "p90", 10: "p95", 11: "p99", 12: "p99_9", 13: "max"} {
			want := ""
			if q["count"] > 0 {
				want = strconv.FormatFloat(q[name], 'f', -1, 64)
			}
			if row[column] != want {
				t.Errorf("%s: %s is %s, JSON has %s", key, rows[0][column], row[column], want)
			}
		}
	}
}

func metricsAgree(t *testing.T, r *stampede.Report, want map[string]map[string]float64) {
	var b bytes.Buffer
	if err := WriteOpenMetrics(&b, r); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for i := range r.Judged.Rows {
		row := &r.Judged.Rows[i]
		q := want[keyOf(row.Type, row.Name)]
		for share, name := range map[string]string{"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99", "0.999": "p99_9"} {
			value := "NaN"
			if q["count"] > 0 {
				value = strconv.FormatFloat(round(q[name]/1000, 6), 'f', -1, 64)
			}
			line := fmt.Sprintf("stampede_%s_seconds{type=%q,name=\"%s\",quantile=%q} %s\n", r.Headline(), row.Type, labelEscaper().Replace(strings.ToValidUTF8(row.Name, "\uFFFD")), share, value)
			if !strings.Contains(text, line) {
				t.Errorf("missing %s", line)
			}
		}
	}
}

func markdownAgrees(t *testing.T, r *stampede.Report, want map[string]map[string]float64) {
	var b bytes.Buffer
	if err := WriteMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	q := want[" "]
	if q["count"] == 0 {
		return
	}
	_, after, ok := strings.Cut(b.String(), "| **All** |")
	if !ok {
		t.Fatal("no row of all requests")
	}
	line, _, _ := strings.Cut(after, "\n")
	cells := strings.Split(line, "|")
	for i, name := range []string{"p50", "p90", "p95", "p99", "max"} {
		text := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(cells[3+i]), "> "), ` \*`)
		if want := format.Duration(time.Duration(q[name]*1e6 + 0.5)); text != want {
			t.Errorf("%s is %s, JSON has %v", name, text, q[name])
		}
	}
}

// With dropped arrivals a quantile counts them as endless, in each file.
func TestDroppedArrivalsReachEveryFile(t *testing.T) {
	r := reporttest.Open()
	total := &r.Judged.Total
	plain, _ := total.Response.QuantileWith(0, 0.95)
	ns, beyond := total.Response.QuantileWith(total.Dropped, 0.95)
	if ns <= plain || beyond {
		t.Fatalf("the sample does not show it: %d, %d, %v", plain, ns, beyond)
	}
	var b bytes.Buffer
	if err := WriteMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	if want := "> " + format.Duration(time.Duration(total.Response.Max())); !strings.Contains(b.String(), want) {
		t.Errorf("no %q in the table: p99 lies beyond what was measured", want)
	}
}
