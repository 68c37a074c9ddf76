package stampede

import (
	"context"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/suspect"
	"github.com/stampede-load/stampede/internal/verdict"
)

// WatchedServer is a server whose own figures are read beside the run.
type WatchedServer = monitor.Watched

// ServerFigures is all that was read of one server.
type ServerFigures = monitor.Server

// ServerNow is what a server says at the moment.
type ServerNow = monitor.Now

// nearestSeries is how many series of a server a dashboard has room for.
const nearestSeries = 3

// Suspects is which of the servers' series gave way first.
type Suspects = suspect.Finding

// usualServerWait is how long the end of a run waits for figures that come late, such as CloudWatch's.
const usualServerWait = 4 * time.Minute

// watchServers begins to read the plan's servers. They belong to the run from now on.
func (r *Running) watchServers() {
	if servers := r.run.plan.Servers; len(servers) > 0 {
		r.servers = monitor.Watch(context.Background(), r.run.start, servers)
		r.collect.watched.watcher = r.servers
	}
}

// watched is the servers of a run as its rules ask for them. A run without has none; the watcher is there before the first second closes.
type watched struct {
	names   []string
	watcher *monitor.Watcher
}

func watchedBy(p *Plan) *watched {
	w := &watched{}
	for _, s := range p.Servers {
		w.names = append(w.names, s.Name)
	}
	return w
}

// Names implements verdict.Servers.
func (w *watched) Names() []string { return w.names }

// Has implements verdict.Servers.
func (w *watched) Has(server string) []string {
	if w.watcher == nil {
		return nil
	}
	return w.watcher.Has(server)
}

// Series implements verdict.Servers.
func (w *watched) Series(server, name string, from time.Duration) (verdict.ServerSeries, bool) {
	if w.watcher == nil {
		return verdict.ServerSeries{}, false
	}
	s, grain, found := w.watcher.Since(server, name, from)
	out := verdict.ServerSeries{Unit: s.Unit, Limit: s.Limit, Grain: grain, Points: make([]verdict.ServerPoint, len(s.Points))}
	for i, p := range s.Points {
		out.Points[i] = verdict.ServerPoint(p)
	}
	return out, found
}

// again judges the thresholds once more, with the servers' figures that came after the load.
func (c *collector) again(rep *Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	rep.Thresholds = c.judge.Final(rep.Judged)
}

// finishServers ends the reading and gives the report what it found, and says whether there was any. Figures that come late are waited for; Cancel ends that.
func (r *Running) finishServers(rep *Report) (read bool) {
	if r.servers == nil {
		return false
	}
	r.servers.Stop()
	wait := r.run.plan.ServerWait
	if wait == 0 {
		wait = usualServerWait
	}
	var missing []string
	if wait > 0 {
		missing = r.servers.Late(r.patience, rep.Run.Duration, wait)
	}
	r.hurry()
	rep.Servers = r.servers.Servers()
	for _, name := range missing {
		rep.Warnings = append(rep.Warnings, "figures of "+name+" were not complete yet: what gave way first is preliminary")
	}
	rep.Notices = append(rep.Notices, r.servers.Costs()...)
	r.servers.Close()
	found := rep.SuspectsOf(rep.Servers)
	rep.Suspects = &found
	return true
}

// Servers is what was read of the plan's servers so far; nil when it has none. It is yours.
func (r *Running) Servers() []ServerFigures {
	if r.servers == nil {
		return nil
	}
	return r.servers.Servers()
}

// SuspectsOf is which of some servers' series gave way first in the run: of all that were watched, or of a part of them. The report needs its series.
func (r *Report) SuspectsOf(servers []ServerFigures) Suspects {
	what := felt(r)
	if r.Verdict.Level == verdict.Invalid && len(r.Verdict.Reasons) > 0 {
		what.Disturbed = r.Verdict.Reasons[0]
	}
	return suspect.Find(what, seriesOf(servers))
}

// felt is the course of a run as package suspect wants it.
func felt(rep *Report) suspect.Run {
	load := suspect.Users
	switch rep.Run.Model {
	case Open:
		load = suspect.Requests
	case PartlyOpen:
		load = suspect.Visitors
	}
	return suspect.Felt(rep.Series, rep.Run.Paced, load)
}

// seriesOf is all series of all servers.
func seriesOf(servers []ServerFigures) []suspect.Series {
	var out []suspect.Series
	for i := range servers {
		for k := range servers[i].Series {
			out = append(out, suspect.Series{Server: servers[i].Name, Series: servers[i].Series[k]})
		}
	}
	return out
}
