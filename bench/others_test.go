package main

import (
	"math"
	"testing"
)

// TestWhatToolsSay reads what the tools print, as they printed it.
func TestWhatToolsSay(t *testing.T) {
	for _, tc := range []struct {
		name, out string
		read      func(*bench, []byte) (told, error)
		want      told
	}{
		{"wrk", "Running 30s test @ http://127.0.0.1:1/\ntold 5012.5 23100.000000 100800.0 361900.0\n", readWrk, told{5.0125, 23.1, 100.8, 361.9}},
		{
			"hey", "Summary:\n  Total:\t30.0 secs\n  Slowest:\t1.9929 secs\n  Fastest:\t0.0001 secs\n  Average:\t0.0029 secs\n\n" +
				"Latency distribution:\n  90% in 0.0021 secs\n  95% in 0.0059 secs\n  99% in 0.0219 secs\n", readHey, told{2.9, 5.9, 21.9, 1992.9},
		},
		{
			"h2load", "                     min         max         mean         sd        +/- sd\n" +
				"time for request:       61us       1.99s      1.40ms     40.11ms    99.97%\n", readH2load, told{1.4, -1, -1, 1990},
		},
	} {
		got, err := tc.read(nil, []byte(tc.out))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		for i, pair := range [][2]float64{{got.mean, tc.want.mean}, {got.p95, tc.want.p95}, {got.p99, tc.want.p99}, {got.highest, tc.want.highest}} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("%s: figure %d is %v, want %v", tc.name, i, pair[0], pair[1])
			}
		}
		if _, err := tc.read(nil, []byte("no such host")); err == nil {
			t.Errorf("%s: an error of the tool is read as figures", tc.name)
		}
	}
}
