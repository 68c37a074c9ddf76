package engine

import "sync"

// pool is the pool of goroutines that run users. A runner whose user waits takes the next user that is due, so there are about as many
// goroutines as tasks in progress, and their grown stacks are used again.
type pool struct {
	e    *Engine
	mu   sync.Mutex
	idle []*runner // last in, first out: the warmest stack
	most int       // idle runners kept
	wg   sync.WaitGroup
	shut bool
}

type runner struct{ work chan *slot }

// idleRunners is how many idle goroutines are kept for the next burst; beyond it they end and give their stacks back.
const idleRunners = 128

func newPool(e *Engine) *pool { return &pool{e: e, most: idleRunners} }

// give lets a runner run the user now.
func (p *pool) give(s *slot) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		r := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		r.work <- s
		return
	}
	p.mu.Unlock()
	r := &runner{work: make(chan *slot, 1)}
	r.work <- s
	p.wg.Add(1)
	go p.run(r)
}

func (p *pool) run(r *runner) {
	defer p.wg.Done()
	var s *slot
	defer func() {
		if s != nil {
			p.removeExited(s)
		}
	}()
	for s = range r.work {
		p.e.serve(s)
		s = nil
		if !p.rest(r) {
			return
		}
	}
}

// removeExited ends a user whose code has ended the goroutine that ran it, on a new one: what is deferred in the old one would run test code
// on a goroutine that is ending.
func (p *pool) removeExited(s *slot) {
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		over := false
		defer func() {
			if !over { // its Stop did it again
				p.removeExited(s)
			}
		}()
		p.e.removeExited(s)
		over = true
	}()
}

// carry counts a user whose task may go on without a runner, so that close waits for it too; drop is the opposite. While a user is carried,
// it may be given to the pool.
func (p *pool) carry() { p.wg.Add(1) }

func (p *pool) drop() { p.wg.Done() }

// rest puts the runner among the idle ones. It reports false when there are enough.
func (p *pool) rest(r *runner) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut || len(p.idle) >= p.most {
		return false
	}
	p.idle = append(p.idle, r)
	return true
}

// close ends the idle runners and waits for the others. Nothing may be given afterwards.
func (p *pool) close() {
	p.mu.Lock()
	p.shut = true
	for _, r := range p.idle {
		close(r.work)
	}
	p.idle = nil
	p.mu.Unlock()
	p.wg.Wait()
}
