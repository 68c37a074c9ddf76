package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/report/reporttest"
)

// Programs know two models; that users arrive, and not tasks, is told beside it.
func TestJSONModel(t *testing.T) {
	for model, want := range map[stampede.Model]string{
		stampede.Closed: `"model":"closed"`, stampede.Open: `"model":"open"`, stampede.PartlyOpen: `"model":"open"`,
	} {
		r := reporttest.One()
		r.Run.Model = model
		file := jsonOf(t, r, JSONOptions{})
		if visits := model == stampede.PartlyOpen; !strings.Contains(string(file), want) || visits != strings.Contains(string(file), `"visits":true`) {
			t.Errorf("%s is written as\n%s", model, file)
		}
		back, err := ReadJSON(bytes.NewReader(file))
		if err != nil || back.Run.Model != model {
			t.Errorf("%s is read as %s, %v", model, back.Run.Model, err)
		}
	}
}
