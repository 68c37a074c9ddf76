package pace

import (
	"strings"
	"testing"
	"time"
)

// The rate is found by its name, whatever separates the cells and however numbers are written; a recording without one is refused.
func TestPlaybackColumns(t *testing.T) {
	const history = `"Timestamp","User Count","Type","Name","Requests/s","Failures/s","50%"
1764400000,100,"GET","/a",7.000000,0.0,12
1764400000,100,"","Aggregated",10.000000,0.0,12
1764400005,200,"GET","/a",9.000000,0.0,12
1764400005,200,"","Aggregated",20.000000,0.0,12
1764400010,200,"","Aggregated",0.000000,0.0,12
`
	for name, in := range map[string]string{
		"history of a run": history,
		"mark":             "\ufeff" + history,
		"two columns":      "when,how many\n0,10\n5,20\n10,0\n",
		"no heading":       "0,10\n5s,20/s\n10,0\n",
		"semicolons":       "time;rate\n0;10,0\n5;20,0\n10;0\n",
		"tabs and a note":  "# of Monday\ntime\trate\n0\t10\n5\t20\n10\t0\n",
		"rate first":       "rate,users,time\n10,1,0\n20,1,5\n0,1,10\n",
		"sep":              "sep=;\r\ntime;rate\r\n0;10\r\n5;20\r\n10;0\r\n",
	} {
		s, err := Playback(name, strings.NewReader(in), 1)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if a, b, c := s.Level(2*time.Second), s.Level(7*time.Second), s.Level(12*time.Second); a != 10 || b != 20 || c != 0 {
			t.Errorf("%s: %v, %v, %v", name, a, b, c)
		}
	}
	for in, want := range map[string]string{
		"Timestamp,User Count,Latency\n0,10,1\n5,20,1\n": "none of the columns Timestamp, User Count, Latency is a rate",
		"time,users,rate\n0,10\n":                        "line 2: it has 2 columns, and the rate is in column 3",
		"PK\x03\x04":                                     "a workbook",
		"time,rate\n0,many\n1,2\n":                       "line 2",
	} {
		if _, err := Playback("x", strings.NewReader(in), 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}
