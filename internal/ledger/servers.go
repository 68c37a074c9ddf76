package ledger

import (
	"math"
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/suspect"
)

// addServers adds what the servers said, and what was made of it. Texts are cleaned: they come from programs of others.
func (b *Ledger) addServers(m *meta, rep *stampede.Report) {
	if rep.Servers != nil {
		servers := slices.Clone(rep.Servers)
		for i := range servers {
			servers[i].Name, servers[i].Notes = clean(servers[i].Name), cleanAll(servers[i].Notes)
		}
		m.Servers = b.pack.pack(monitor.AppendServers(nil, servers))
	}
	if rep.Suspects != nil {
		f := *rep.Suspects
		f.What, f.Text = clean(f.What), clean(f.Text)
		f.Suspects, f.Victims = cleanSuspects(f.Suspects), cleanSuspects(f.Victims)
		m.Suspects = &f
	}
	if rep.Limit != nil {
		a := *rep.Limit
		a.Value, a.Low, a.High, a.Notes = finite(a.Value), finite(a.Low), finite(a.High), cleanAll(a.Notes)
		a.Beyond = clean(a.Beyond)
		a.Steps = slices.Clone(a.Steps)
		for i := range a.Steps {
			s := &a.Steps[i]
			s.Load, s.Rate, s.InFlight, s.Why = finite(s.Load), finite(s.Rate), finite(s.InFlight), clean(s.Why)
		}
		if a.Curve != nil {
			c := *a.Curve
			c.Peak, c.PeakLow, c.PeakHigh = finite(c.Peak), finite(c.PeakLow), finite(c.PeakHigh)
			a.Curve = &c
		}
		m.Limit = &a
	}
}

func cleanSuspects(all []suspect.Suspect) []suspect.Suspect {
	out := slices.Clone(all)
	for i := range out {
		s := &out[i]
		s.Server, s.Series, s.Why, s.Score, s.Headroom = clean(s.Server), clean(s.Series), clean(s.Why), finite(s.Score), finite(s.Headroom)
	}
	return out
}

// takeServers is the way back.
func (b *Ledger) takeServers(m *meta, rep *stampede.Report) error {
	rep.Suspects, rep.Limit = m.Suspects, m.Limit
	if rep.Limit != nil && rep.Limit.Curve != nil && !rep.Limit.Curve.PeakSeen {
		rep.Limit.Curve.Peak = math.Inf(1)
	}
	if m.Servers == nil {
		return nil
	}
	raw, err := b.pack.unpack(m.Servers)
	if err != nil {
		return err
	}
	rep.Servers, err = monitor.DecodeServers(raw)
	return err
}
