package fleet

import "time"

// starvation is for how long a silent worker of this machine had no processor to say anything with. A machine whose processors are used up is no
// reason to give its workers up: what they did would be put on those that are left, which have no more of it.
type starvation struct {
	at      time.Time     // of the last look; zero when the worker is not silent
	waited  time.Duration // what runQueueWait said then
	excused time.Duration
}

// look takes what runQueueWait says now. Where the threads waited for half of the time since the last look, that time is excused, and no more of it in all than
// most.
func (h *starvation) look(now time.Time, waited, most time.Duration) {
	gap := now.Sub(h.at)
	if !h.at.IsZero() && h.waited >= 0 && waited-h.waited >= gap/2 {
		h.excused = min(h.excused+gap, most)
	}
	h.at, h.waited = now, waited
}

// starvedFor looks at a silent worker, and says for how much of its silence it had no processor.
func (p *peer) starvedFor(now time.Time) time.Duration {
	if p.hello.PID <= 0 {
		return 0
	}
	p.starvation.look(now, runQueueWait(p.hello.PID), deserted-silence)
	return p.starvation.excused
}
