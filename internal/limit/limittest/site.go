// Package limittest has sites whose limits are known in closed form, without a network and without a clock: they make the seconds that a run would,
// at the load that a search asks for.
package limittest

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"time"

	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/stats"
)

// Site is a site of known behaviour under a load that a conductor sets: it makes the seconds that a run would.
type Site struct {
	rng     *rand.Rand
	arrive  func(load float64) float64           // seconds to the next arrival; nil for a closed load
	servers int                                  // that work side by side; 0 for no queue
	service func(busy int, r *rand.Rand) float64 // seconds

	free    times // when each server is free, soonest first
	pending finishes
	next    float64 // the next arrival
	now     int
}

type times []float64

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i] < t[j] }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(x any)        { *t = append(*t, x.(float64)) }
func (t *times) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

type finish struct{ begun, done float64 }

type finishes []finish

func (f finishes) Len() int           { return len(f) }
func (f finishes) Less(i, j int) bool { return f[i].done < f[j].done }
func (f finishes) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *finishes) Push(x any)        { *f = append(*f, x.(finish)) }
func (f *finishes) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// second is the next second at a load; 0 for a pause.
func (s *Site) second(load float64) *stats.Second {
	from, to := float64(s.now), float64(s.now+1)
	sec := &stats.Second{Index: s.now, Width: 1}
	s.now++
	row := stats.Row{Key: stats.Key{Type: "GET", Name: "/"}}
	if s.arrive != nil {
		s.open(load, from, to)
	} else {
		s.closed(load, from)
	}
	busy := 0.0
	for s.pending.Len() > 0 && s.pending[0].done < to {
		f := heap.Pop(&s.pending).(finish)
		took := int64((f.done - f.begun) * 1e9)
		row.Count++
		row.Response.Record(took)
		row.Service.Record(took)
		busy += f.done - max(f.begun, from)
		if s.arrive == nil && load > 0 && s.pending.Len() < int(load) {
			s.begin(f.done)
		}
	}
	for _, f := range s.pending {
		busy += max(0, to-max(f.begun, from))
	}
	if row.Count > 0 {
		sec.Rows = []stats.Row{row}
		sec.Total.Add(&row)
	}
	sec.Gauges = stats.Gauges{Users: int(load), InFlight: s.pending.Len(), InFlightNS: int64(busy * 1e9), CPU: 0.1, MachineCPU: 0.1}
	return sec
}

func (s *Site) open(load, from, to float64) {
	if load == 0 {
		s.next = 0
		return
	}
	if s.next < from {
		s.next = from + s.arrive(load)
	}
	for ; s.next < to; s.next += s.arrive(load) {
		s.begin(s.next)
	}
}

// closed brings in the users that are missing. Each asks again as soon as it has its answer.
func (s *Site) closed(load, from float64) {
	for s.pending.Len() < int(load) {
		s.begin(from)
	}
}

func (s *Site) begin(at float64) {
	took := s.service(s.pending.Len()+1, s.rng)
	start := at
	if s.servers > 0 {
		for len(s.free) < s.servers {
			heap.Push(&s.free, 0.0)
		}
		start = max(at, heap.Pop(&s.free).(float64))
		heap.Push(&s.free, start+took)
	}
	heap.Push(&s.pending, finish{at, start + took})
}

// Search runs a conductor to its end and says how long that took on the site's clock; at most four hours.
func (s *Site) Search(o limit.Options) (limit.Answer, time.Duration, error) {
	c, a, err := limit.NewConductor(o, 0)
	if err != nil {
		return limit.Answer{}, 0, err
	}
	load := a.Load
	for s.now < 4*3600 {
		switch a = c.Second(s.second(load)); a.Order {
		case limit.Load:
			load = a.Load
		case limit.Drain:
			load = 0
		case limit.Stop:
			return c.Answer(), time.Duration(s.now) * time.Second, nil
		}
	}
	return c.Answer(), time.Duration(s.now) * time.Second, nil
}

// poisson is arrivals that know nothing of one another.
func poisson(seed uint64) func(load float64) float64 {
	rng := rand.New(rand.NewPCG(seed, 3))
	return func(load float64) float64 { return rng.ExpFloat64() / load }
}

// MMC is a site with c servers of exponential service, mu a second each.
func MMC(c int, mu float64, seed uint64) *Site {
	return &Site{
		rng: rand.New(rand.NewPCG(seed, 1)), arrive: poisson(seed), servers: c,
		service: func(_ int, r *rand.Rand) float64 { return r.ExpFloat64() / mu },
	}
}

// USL is a site for users without think time whose throughput follows the law; times are spread by five per cent.
func USL(lambda, sigma, kappa float64, seed uint64) *Site {
	return &Site{
		rng: rand.New(rand.NewPCG(seed, 2)),
		service: func(n int, r *rand.Rand) float64 {
			load := float64(n)
			x := lambda * load / (1 + sigma*(load-1) + kappa*load*(load-1))
			return load / x * math.Exp(0.05*r.NormFloat64())
		},
	}
}

// responseBeyond is P(R > t) of M/M/c at rate lambda: Erlang's C for the wait, then the service.
func responseBeyond(c int, mu, lambda, t float64) float64 {
	a := lambda / mu
	if a >= float64(c) {
		return 1
	}
	term, sum := 1.0, 1.0
	for k := 1; k < c; k++ {
		term *= a / float64(k)
		sum += term
	}
	last := term * a / float64(c) * float64(c) / (float64(c) - a)
	waits := last / (sum + last)
	r := float64(c)*mu - lambda
	if math.Abs(r-mu) < 1e-9 {
		return math.Exp(-mu*t) * (1 + waits*mu*t)
	}
	return math.Exp(-mu*t) + waits*mu/(r-mu)*(math.Exp(-mu*t)-math.Exp(-r*t))
}

// Capacity is the rate at which the given share of requests takes longer than t.
func Capacity(c int, mu, share, t float64) float64 {
	low, high := 0.0, float64(c)*mu
	for range 60 {
		if mid := (low + high) / 2; responseBeyond(c, mu, mid, t) > share {
			high = mid
		} else {
			low = mid
		}
	}
	return low
}
