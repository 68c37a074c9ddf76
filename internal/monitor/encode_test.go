package monitor

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// manyServers is twenty servers with 25 series each, read each second for a while.
func manyServers(seconds int) []Server {
	rng := rand.New(rand.NewPCG(1, 2))
	var out []Server
	for range 20 {
		s := Server{Name: "db", Kind: "mysql", Notes: []string{"at 5s: no answer"}, Asked: seconds, Failed: 1}
		for k := range 25 {
			one := Series{Name: "connections", Unit: "/s", Help: "what it means", Limit: 151, Follows: k%2 == 0, Ceiling: true}
			level := math.Exp(10 * rng.Float64())
			for i := range seconds {
				v := level * (1 + 0.1*rng.NormFloat64())
				if k%2 == 0 {
					v = math.Round(v)
				}
				one.Points = append(one.Points, Point{time.Duration(i)*time.Second + 2*time.Millisecond, v})
			}
			s.Series = append(s.Series, one)
		}
		out = append(out, s)
	}
	return out
}

func TestServersRoundTrip(t *testing.T) {
	in := manyServers(100)
	in[0].Series[0].Points = []Point{{0, 0}, {time.Second, -5}, {90 * time.Second, 1e300}, {91 * time.Second, 1e-300}, {92 * time.Second, 12345678}}
	out, err := DecodeServers(AppendServers(nil, in))
	if err != nil || len(out) != len(in) {
		t.Fatal(len(out), err)
	}
	for i := range in {
		a, b := in[i], out[i]
		if a.Name != b.Name || a.Kind != b.Kind || a.Asked != b.Asked || a.Failed != b.Failed || len(a.Notes) != len(b.Notes) || len(a.Series) != len(b.Series) {
			t.Fatalf("%+v became %+v", a, b)
		}
		for k := range a.Series {
			x, y := a.Series[k], b.Series[k]
			if x.Name != y.Name || x.Unit != y.Unit || x.Help != y.Help || x.Limit != y.Limit || x.Follows != y.Follows || x.Ceiling != y.Ceiling || len(x.Points) != len(y.Points) {
				t.Fatalf("%+v became %+v", x, y)
			}
			for n := range x.Points {
				p, q := x.Points[n], y.Points[n]
				want := math.Max(-math.MaxFloat32, math.Min(math.MaxFloat32, p.Value))
				if p.At != q.At || math.Abs(q.Value-want) > math.Max(math.Abs(want)/10000, 1e-30) {
					t.Fatalf("%v became %v", p, q)
				}
			}
		}
	}
}

// TestServersSize holds what two hours of 500 series take in a ledger: less than 5 MB.
func TestServersSize(t *testing.T) {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	size := len(z.EncodeAll(AppendServers(nil, manyServers(7200)), nil))
	t.Logf("%.1f MB", float64(size)/1e6)
	if size > 5e6 {
		t.Errorf("two hours of 500 series take %d bytes", size)
	}
}

func FuzzDecodeServers(f *testing.F) {
	f.Add(AppendServers(nil, manyServers(3)))
	f.Add([]byte{1, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := DecodeServers(b); err == nil {
			if _, err := DecodeServers(AppendServers(nil, s)); err != nil {
				t.Errorf("what was read cannot be written: %v", err)
			}
		}
	})
}
