// Package nightstest makes nights whose truth is known, to find out how often a judgement is wrong.
package nightstest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/stampede-load/stampede/internal/schedule/nights"
)

// Model is how figures of nights come about. A time is
//
//	base * exp(wander + common + own) * jumps
//
// where wander is a first-order autoregression for each name (0.97 a night, its standard deviation Wander), common is a normal deviate for the whole night and own
// one for each figure. One night in Odd is slow as a whole, by OddBy. Failures are binomial, over Requests a night.
type Model struct {
	Names               int
	Wander, Common, Own float64
	Odd                 float64 // the share of nights that are slow as a whole
	OddBy               float64
	Failures            float64
	Requests            int64
}

// Usual is a family of eight names with three figures each, which is 24, of a site that is measured well.
func Usual() Model {
	return Model{Names: 8, Wander: 0.015, Common: 0.01, Own: 0.02, Odd: 1.0 / 60, OddBy: 0.3, Failures: 0.002, Requests: 20_000}
}

// Outcome is what became of simulated nights.
type Outcome struct {
	Nights  int
	Jumps   int // that were planted
	Told    int // of those, within two nights
	Late    int // of those, later
	False   int // nights that told of a change where there was none: messages to people
	Figures int // that those nights told of
	Suspect int // nights that were suspicious, and not told of
}

// Year simulates nights with a jump of one name by so much, in both its times, in each gap of nights; no gap is no jump. A jump is accepted four nights
// later, as a person would.
func (m Model) Year(seed uint64, n, gap int, by float64) Outcome {
	r := rand.New(rand.NewPCG(seed, 7))
	s := m.start(r)
	all := make([]nights.Night, n)
	planted := map[int]string{} // the names that jumped, by night
	for i := range n {
		if gap > 0 && i%gap == gap-6 && i > 20 && i+settled < n {
			name := r.IntN(m.Names)
			s.jump(name, by)
			planted[i] = nameOf(name)
		}
		all[i] = s.night(r, i)
		all[i].Accepted = planted[i-settled] != ""
	}
	return count(nights.JudgeAll(all, nil, nights.Judging{}), planted)
}

// settled is after how many nights a jump is accepted.
const settled = 4

// count holds judgements against what was planted.
func count(judged []nights.Judgement, planted map[int]string) Outcome {
	out := Outcome{Nights: len(judged), Jumps: len(planted)}
	last := map[string]bool{}
	told := false
	for i := range judged {
		name, at := "", i
		for ; at > i-settled; at-- {
			if name = planted[at]; name != "" {
				break
			}
		}
		if planted[i] != "" {
			told = false
		}
		now := map[string]bool{}
		figures := 0
		for k := range judged[i].Alarms {
			f := judged[i].Alarms[k].Figure
			now[f.String()] = true
			switch {
			case last[f.String()]:
			case name == "" || f.Name != name:
				figures++
			case !told:
				told = true
				if i <= at+1 {
					out.Told++
				} else {
					out.Late++
				}
			}
		}
		if out.Figures += figures; figures > 0 {
			out.False++
		}
		if len(judged[i].Suspects) > 0 {
			out.Suspect++
		}
		last = now
	}
	return out
}

func nameOf(i int) string { return fmt.Sprintf("Page %d", i) }

// site is a model on its way.
type site struct {
	Model
	base   []float64 // ln of ms
	wander []float64
}

func (m Model) start(r *rand.Rand) *site {
	s := &site{Model: m}
	for range m.Names {
		s.base = append(s.base, math.Log(50)+r.Float64()*3)
		s.wander = append(s.wander, r.NormFloat64()*m.Wander)
	}
	return s
}

func (s *site) jump(name int, by float64) { s.base[name] += math.Log(1 + by) }

// stays is how much of the wander stays from night to night.
const stays = 0.97

func (s *site) night(r *rand.Rand, i int) nights.Night {
	common := r.NormFloat64() * s.Common
	if r.Float64() < s.Odd {
		common += math.Log(1 + s.OddBy)
	}
	n := nights.Night{
		Run: fmt.Sprintf("run %d", i), At: time.Date(2026, 1, 1+i, 2, 30, 0, 0, time.UTC), Verdict: "VALID", Values: map[nights.Figure]nights.Value{},
	}
	for k := range s.Names {
		s.wander[k] = stays*s.wander[k] + math.Sqrt(1-stays*stays)*s.Wander*r.NormFloat64()
		level := s.base[k] + s.wander[k] + common
		n.Values[nights.Figure{Kind: nights.P50, Name: nameOf(k)}] = nights.Value{Is: math.Exp(level + r.NormFloat64()*s.Own), Requests: s.Requests}
		n.Values[nights.Figure{Kind: nights.P95, Name: nameOf(k)}] = nights.Value{Is: 3 * math.Exp(level+r.NormFloat64()*s.Own), Requests: s.Requests}
		mean := s.Failures * float64(s.Requests)
		failed := max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
		n.Values[nights.Figure{Kind: nights.Failures, Name: nameOf(k)}] = nights.Value{Is: failed / float64(s.Requests), Requests: s.Requests}
	}
	return n
}
