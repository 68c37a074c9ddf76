package page

import "strings"

// request makes a request of an item.
func (l *Load) request(i *Item, f *frame) *Request {
	var r *Request
	if n := len(l.free); n > 0 {
		r = l.free[n-1]
		l.free = l.free[:n-1]
		*r = Request{}
	} else {
		r = new(Request)
	}
	r.item, r.frame = i, f
	return r
}

// ask makes the request of an item that a frame's document needs.
func (l *Load) ask(i *Item, f *frame) *Request {
	if l.dropped {
		l.Counts.Skipped++
		return nil
	}
	if l.limits.Parts <= l.Counts.Requests+l.queued {
		l.Counts.Beyond++
		return nil
	}
	r := l.request(i, f)
	r.url, r.fields, r.site, r.origin, r.key = i.url, i.fields, i.site, f.ctx.origin, i.key
	return r
}

// lookup decides what becomes of a request: it is answered from the cache, waits for another one of the same address, or goes into the queue.
func (l *Load) lookup(r *Request) {
	if l.refused(r) {
		l.fail(r)
		return
	}
	r.pool = l.poolOf(r)
	key := l.cacheKey(r)
	if first := l.locked[key]; first != nil && first != r {
		r.state = stateLocked
		if first.last == nil {
			first.next = r
		} else {
			first.last.next = r
		}
		first.last = r
		return
	}
	r.entry, r.after = nil, nil
	if e := l.v.cache.find(key); e != nil && e.answer != nil {
		fresh := int64(e.fresh) > l.Now() && l.varies(r, e.answer) == e.answer.varying && e.answer.vary != "*"
		if fresh && !r.reload {
			l.Counts.Cached++
			if r.parentless() {
				l.kept, l.keptStatus = true, e.answer.status
			}
			r.answer = e.answer
			l.ready = append(l.ready, r)
			return
		}
		l.condition(r, e.answer)
	}
	l.locked[key] = r
	l.push(r)
}

// refused reports whether a request is not made at all.
func (l *Load) refused(r *Request) bool {
	if !r.url.web() {
		return true
	}
	if r.into != nil && r.into.parent == nil {
		return false // the page itself is refused, as a failure, by who sends it
	}
	if l.Allowed != nil && !l.Allowed(r.url.origin) {
		l.Counts.Foreign++
		if l.Hosts == nil {
			l.Hosts = map[string]int{}
		}
		if host := r.url.origin[strings.Index(r.url.origin, "://")+3:]; len(l.Hosts) < 100 || l.Hosts[host] > 0 {
			l.Hosts[host]++
		}
		return true
	}
	if l.Skip != nil && l.Skip(r.url.url) {
		l.Counts.Skipped++
		return true
	}
	return false
}

// cacheKey tells what is kept apart: address, the site of the page, and whether a frame of another site asks.
func (l *Load) cacheKey(r *Request) uint64 {
	k := r.key*0x9e3779b97f4a7c15 + uint64(l.site)<<1
	if l.apart(r) {
		k++
	}
	return k
}

// apart reports whether a request is of a document from another site than the page, or for one.
func (l *Load) apart(r *Request) bool {
	switch {
	case r.into == nil:
		return r.frame.ctx.apart
	case r.into.parent == nil:
		return false
	}
	return siteOf(r.url.origin) != l.topSite
}

func (l *Load) poolOf(r *Request) uint16 {
	p := l.site << 2
	if r.CookieSet() == NoCookies {
		p |= 1
	}
	if l.apart(r) {
		p |= 2
	}
	return p
}

// condition makes a request conditional, if what is kept has a validator.
func (l *Load) condition(r *Request, s *stored) {
	if s.status != 200 {
		return // nothing else is asked for with a condition
	}
	n := 0
	if s.etag != "" {
		r.room[n] = Field{"If-None-Match", s.etag}
		n++
	}
	if s.modified != "" {
		r.room[n] = Field{"If-Modified-Since", s.modified}
		n++
	}
	if n > 0 {
		r.entry, r.after = s, r.room[:n]
	}
}

// varies is a hash of what a request has in the fields that an answer's Vary names.
func (l *Load) varies(r *Request, s *stored) uint64 {
	if s.vary == "" || s.vary == "*" {
		return 0
	}
	var h uint64
	for _, name := range splitTop(s.vary, ',') {
		name = lower(trim(name))
		if name == "referer" {
			continue // Chromium's cache does not see it
		}
		if name == "cookie" {
			if l.Cookies != nil {
				h = hashString(l.Cookies(r.url.url), h)
			}
			continue
		}
		for i := range r.fields {
			if equalFold(r.fields[i].Name, name) {
				h = hashString(r.fields[i].Value, h+1)
			}
		}
	}
	return h
}

// push puts a request into the queue of its pool.
func (l *Load) push(r *Request) {
	l.seq++
	l.queued++
	r.seq, r.state = l.seq, stateQueued
	p := l.pool(r)
	q := append(p.queue, r)
	for i := len(q) - 1; i > 0; {
		up := (i - 1) / 2
		if !q[i].before(q[up]) {
			break
		}
		q[i], q[up] = q[up], q[i]
		i = up
	}
	p.queue = q
}

func (r *Request) before(o *Request) bool {
	if r.item.Priority != o.item.Priority {
		return r.item.Priority > o.item.Priority
	}
	return r.seq < o.seq
}

// Next is the request that is to be sent now, nil when none may be: the first by priority whose pool has a connection to spare.
func (l *Load) Next() *Request {
	var best *pool
	for i := range l.pools {
		p := &l.pools[i]
		if len(p.queue) == 0 || p.flying >= l.limits.Connections && !p.many {
			continue
		}
		if best == nil || p.queue[0].before(best.queue[0]) {
			best = p
		}
	}
	if best == nil {
		return nil
	}
	r := best.pop()
	best.flying++
	l.queued--
	l.flying++
	l.Counts.Requests++
	r.state = stateFlying
	return r
}

// pool is the pool of a request's connections.
func (l *Load) pool(r *Request) *pool {
	for i := range l.pools {
		if p := &l.pools[i]; p.kind == r.pool && p.origin == r.url.origin {
			return p
		}
	}
	if len(l.pools) < cap(l.pools) {
		l.pools = l.pools[:len(l.pools)+1]
	} else {
		l.pools = append(l.pools, pool{})
	}
	p := &l.pools[len(l.pools)-1]
	*p = pool{origin: r.url.origin, kind: r.pool, queue: p.queue[:0]}
	return p
}

func (p *pool) pop() *Request {
	q := p.queue
	r := q[0]
	last := len(q) - 1
	q[0] = q[last]
	q[last] = nil
	p.queue = q[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			break
		}
		if c+1 < last && q[c+1].before(q[c]) {
			c++
		}
		if !q[c].before(q[i]) {
			break
		}
		q[i], q[c] = q[c], q[i]
		i = c
	}
	return r
}
