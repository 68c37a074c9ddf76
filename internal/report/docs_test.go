package report

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/xuri/excelize/v2"
)

// docs/formats.md names every field of every file.
func TestFormatsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	named := make(map[string]bool)
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(string(page), -1) {
		named[m[1]] = true
	}
	for _, name := range slices.Concat(schemaFields(t), csvStatsColumns(), csvHistoryColumns(), csvFailuresColumns(), csvExceptionsColumns(),
		LedgerColumns(), metricFamilies(t), sheetNames(t), []string{aggregated, notAvailable}) {
		if !named[name] && !strings.HasSuffix(name, "%") { // "`50%` to `100%` as above"
			t.Errorf("docs/formats.md does not name %q", name)
		}
	}
}

// schemaFields is every name of a field in the published schema.
func schemaFields(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("../../docs/schema/result.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	fields := make(map[string]bool)
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok {
				for name := range properties {
					fields[name] = true
				}
			}
			for _, sub := range v {
				walk(sub)
			}
		case []any:
			for _, sub := range v {
				walk(sub)
			}
		}
	}
	walk(schema)
	return slices.Sorted(maps.Keys(fields))
}

func metricFamilies(t *testing.T) []string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteOpenMetrics(&b, reporttest.One()); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+)`).FindAllStringSubmatch(b.String(), -1) {
		names = append(names, m[1])
	}
	return names
}

func sheetNames(t *testing.T) []string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteXLSX(&b, reporttest.One()); err != nil {
		t.Fatal(err)
	}
	workbook, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return workbook.GetSheetList()
}
