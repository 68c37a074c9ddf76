package console_test

import "testing"

// Whoever asks each second how a run stands leaves its course out, but for the last seconds.
func TestTheLastSecondsOfARun(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.past("")
	lengths := map[string]int{}
	for _, query := range []string{"", "?last=1", "?last=0", "?last=1000000000", "?last=-5"} {
		var got struct {
			Total  struct{ Count int64 }
			Series []struct {
				From     int `json:"from_s"`
				Requests []struct{ Count int64 }
			}
		}
		r.into(&got, 200, "GET", "/api/v1/runs/current/report.json"+query, "")
		if got.Total.Count == 0 {
			t.Errorf("%q: nothing in all", query)
		}
		lengths[query] = len(got.Series)
		for _, s := range got.Series {
			if len(s.Requests) == 0 {
				t.Errorf("%q: a second without names", query)
			}
		}
	}
	if lengths[""] == 0 || lengths["?last=1"] != 1 || lengths["?last=0"] != 0 || lengths["?last=1000000000"] != lengths[""] || lengths["?last=-5"] != 0 {
		t.Errorf("seconds: %v", lengths)
	}
}
