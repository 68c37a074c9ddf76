package fleet

import (
	"strings"
	"time"

	"github.com/stampede-load/stampede"
)

// happen is one thing that happens.
func (m *model) happen() {
	alive := []*puppet{}
	for _, p := range m.all() {
		if p.reachable() {
			alive = append(alive, p)
		}
	}
	if len(alive) == 0 {
		return
	}
	p := alive[m.random(len(alive))]
	what := m.random(10)
	if m.iterations > 0 && m.random(4) == 0 {
		what = 4 // joins are what is hard there
	}
	switch what {
	case 0:
		m.note("%s dies", p.called)
		p.set(func() { p.dead = true })
	case 1, 2:
		long := time.Duration(500+m.random(7000)) * time.Millisecond
		m.note("%s is cut off for %v", p.called, long)
		p.set(func() { p.cutUntil = time.Now().Add(long) })
	case 3:
		m.note("%s is to leave", p.called)
		_ = m.c.Drain(p.called, "") // it may have left already
	case 4:
		if len(m.puppets) < len(modelKeys()) {
			m.note("one joins")
			m.join()
		}
	case 5, 6:
		if m.closed {
			users := 4 + m.random(20)
			m.note("users %d", users)
			_ = m.running.SetUsers(users, 0) // it may be too late, or too few
			return
		}
		rate := float64(10 + m.random(90))
		m.note("rate %v", rate)
		_ = m.running.SetRate(rate) // it may be too late
	case 7:
		m.note("pause")
		m.running.Pause()
		time.Sleep(time.Duration(m.random(2000)) * time.Millisecond)
		m.running.Resume()
	default:
		m.restart(time.Duration(100+m.random(6000)) * time.Millisecond)
	}
}

// restart kills the controller, and starts another that goes on with the run.
func (m *model) restart(down time.Duration) {
	m.note("the controller dies for %v", down)
	old, before := m.c, m.running
	m.mu.Lock()
	m.c, m.reader = nil, nil
	m.mu.Unlock()
	old.stop()
	old.done.Wait()
	old.mu.Lock()
	old.save, old.post = func(*state) error { return nil }, nil
	if d := old.run; d != nil && !d.over {
		d.over = true
		d.closeStopping()
		close(d.ended)
	}
	old.mu.Unlock()
	_, _ = before.Wait() // nobody reads what it says
	time.Sleep(down)
	c := m.controller()
	job, d, err := c.Resumed()
	if err != nil { // it had come to its end
		m.mu.Lock()
		m.c = c
		m.mu.Unlock()
		return
	}
	plan := m.plan()
	err = plan.Receive(job.Plan)
	plan.RunID = job.Run
	m.mu.Lock()
	m.c, m.finished = c, false
	m.mu.Unlock()
	if err == nil {
		m.drive = d.(*drive)
		m.running, err = stampede.StartWith(m.t.Context(), plan, d)
	}
	if err != nil {
		m.fail("go on: %v", err)
	}
}

// check holds the report against what the workers know that they did.
func (m *model) check(r *stampede.Report, err error) {
	if err != nil && !strings.Contains(err.Error(), "every worker is gone") {
		m.fail("%v", err)
	}
	if r.Planned != r.Sent+r.Dropped+r.NotStarted+r.Lost || r.Whole.Total.Count != r.Sent {
		m.fail("planned %d, sent %d, lost %d, %d samples", r.Planned, r.Sent, r.Lost, r.Whole.Total.Count)
	}
	m.drive.c.mu.Lock()
	for _, w := range m.drive.members {
		if w.account != nil {
			m.note("%s should have planned %d", w.name, w.account.Planned(time.Hour))
		}
	}
	m.drive.c.mu.Unlock()
	for _, w := range r.Workers {
		m.note("%s planned %d, sent %d, lost %d", w.Name, w.Planned, w.Sent, w.Lost)
	}
	began, twice, cut := int64(0), 0, false
	numbers := map[int64]int{}
	for _, p := range m.all() {
		p.mu.Lock()
		cut = cut || p.wasCut || p.dead
		for n, times := range p.delivered {
			began += int64(times)
			numbers[n] += times
		}
		p.mu.Unlock()
	}
	for _, times := range numbers {
		twice += times - 1
	}
	m.drive.c.mu.Lock()
	wanted := m.drive.whole.Planned(time.Hour)
	m.drive.c.mu.Unlock()
	beyond := 0 // numbers that the plan came not to want, after a worker that was cut off had begun them
	for n, times := range numbers {
		if n >= wanted {
			beyond += times
		}
	}
	if m.iterations > 0 {
		m.checkIterations(r, cut)
	} else if r.Run.Stopped == "time" && (r.Planned < wanted || r.Planned > wanted+int64(twice+beyond)+r.Lost || beyond > 0 && !cut) {
		m.fail("the plan wants %d, planned %d, %d begun twice, %d lost", wanted, r.Planned, twice, r.Lost)
	}
	if began != r.Sent {
		m.fail("%d arrivals were begun and delivered, and the report has %d", began, r.Sent)
	}
	if twice > 0 && !cut {
		m.fail("%d arrivals were begun twice, and nobody was cut off", twice)
	}
}
