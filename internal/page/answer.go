package page

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"
)

// Answer is what came for a request. Header and body are looked at during Done only.
type Answer struct {
	Status int     // 0 when nothing came
	Header *Header // looked at only
	Body   []byte  // decoded; for requests that need it
	Many   bool    // the connection takes many requests at once: HTTP/2
}

// Done takes the answer to a request that Next gave. What it makes the page ask for next comes from Next.
func (l *Load) Done(r *Request, a *Answer) {
	l.flying--
	for i := range l.pools {
		if p := &l.pools[i]; p.kind == r.pool && p.origin == r.url.origin {
			p.flying--
			p.many = p.many || a.Many
		}
	}
	s := l.keep(r, a)
	l.unlock(r)
	l.took(r, s)
	l.settle()
}

// Quick reports whether an answer takes no time to speak of to look at: nothing in it is to be read that was not read before. body is what Answer
// will have. It may be called by anybody while the request is under way.
func (l *Load) Quick(r *Request, body []byte) bool {
	switch {
	case !r.NeedsBody(), r.item.Kind == Font, r.item.Kind == Icon:
		return true
	case r.item.Kind != Style || r.item.integrity != "" || r.frame.plan == nil || r.frame.plan.painted.Load() == nil:
		return false // a document, or the first time that its sheets come together
	}
	return l.mem.knowsSheet(body)
}

// unlock lets the next request of the same address go on.
func (l *Load) unlock(r *Request) {
	key := l.cacheKey(r)
	if l.locked[key] != r {
		return
	}
	delete(l.locked, key)
	next, last := r.next, r.last
	r.next, r.last = nil, nil
	if next == nil {
		return
	}
	if next.next != nil { // the others wait behind it
		next.last = last
	}
	rest := next.next
	next.next = nil
	l.lookup(next)
	if now := l.locked[key]; now == next && rest != nil {
		next.next = rest
		return
	}
	for rest != nil { // it was answered from the cache, and so are they
		following := rest.next
		rest.next, rest.last = nil, nil
		l.lookup(rest)
		rest = following
	}
}

// keep turns an answer into what is stored of it, and stores it for the visitor if it may be kept.
func (l *Load) keep(r *Request, a *Answer) *stored {
	key := l.cacheKey(r)
	if a.Status == 0 {
		return &failed
	}
	if a.Status == 304 && r.entry != nil {
		l.Counts.Revalidated++
		if r.parentless() {
			l.kept, l.keptStatus = true, r.entry.status
		}
		s := r.entry
		c := s.control
		if a.Header.CacheControl != "" || a.Header.Expires != "" {
			c = readControl(a.Header, s.status, l.Now())
		} else if c.lifetime > 0 && s.modified != "" && c.lifetime != 1<<40 {
			c = readControl(a.Header.withModified(s.modified), s.status, l.Now())
		}
		if v := l.varies(r, s); v != s.varying {
			now := *s
			now.varying = v
			s = l.mem.shared(&now)
		}
		l.v.cache.put(entry{s, until(l.Now(), c.lifetime)})
		return s
	}
	c := readControl(a.Header, a.Status, l.Now())
	l.came = stored{status: a.Status, control: c}
	s := &l.came
	l.read(r, a, s)
	storable := !c.noStore && mayStore(a.Status)
	if storable {
		s.etag, s.modified, s.vary = a.Header.ETag, a.Header.LastModified, a.Header.Vary
	}
	if r.parentless() && s.doc == nil && s.location == "" {
		storable = false // what is no page is not kept: its body would be missed
	}
	if !storable || c.lifetime <= 0 && s.etag == "" && s.modified == "" {
		l.v.cache.drop(key)
		return s
	}
	s.key, s.varying = key, l.varies(r, s)
	s = l.mem.shared(s)
	l.v.cache.put(entry{s, until(l.Now(), c.lifetime)})
	return s
}

var failed = stored{}

// read takes out of an answer what the page needs.
func (l *Load) read(r *Request, a *Answer, s *stored) {
	if a.Status >= 300 && a.Status < 400 {
		switch a.Status {
		case 301, 302, 303, 307, 308:
			s.location = a.Header.Location
		}
	}
	if s.location != "" {
		s.head = head{policy: policyWord(a.Header.ReferrerPolicy), allowOrigin: a.Header.AllowOrigin}
		return
	}
	s.head = readHead(a.Header)
	switch k := r.item.Kind; {
	case k == Style:
		if a.Status < 300 && a.Status != 204 && integrityHolds(r.item.integrity, a.Body) && !(r.opaque() && hasHashes(r.item.integrity)) {
			s.sheet = l.mem.sheetBytes(a.Body)
		}
	case k == Script && r.item.module != noModule:
		s.module = l.readModule(r, a, s.head.contentType)
	case k == Prefetch:
		if typ := lower(s.head.contentType); strings.HasPrefix(typ, "text/html") || strings.HasPrefix(typ, "text/css") {
			s.body = string(a.Body)
		} else if typ, _, _ = strings.Cut(typ, ";"); a.Status < 300 && scriptMIME(trim(typ)) {
			s.module = l.mem.module(a.Body) // if it is used as one
		}
	case k == Font:
		s.good = a.Status < 300 && isFont(a.Body)
	case k == Icon:
		s.good = a.Status < 300 && iconFits(a.Body)
	case k.Page():
		s.doc = l.readDocument(r, a, &s.head)
	}
}

// readDocument parses a document, if what came is one.
func (l *Load) readDocument(r *Request, a *Answer, h *head) *doc {
	if a.Status == 204 || a.Status == 205 || h.attachment || len(a.Body) == 0 || l.set.Parts == NoParts {
		return nil
	}
	typ, _, _ := strings.Cut(lower(h.contentType), ";")
	if r.into != nil {
		r.into.boxed, _ = boxes(h.csp)
	}
	w := how{contentType: h.contentType, address: r.url.url, noscript: l.noScript(r), exact: r.parentless() && a.Header.ETag+a.Header.LastModified != ""}
	switch typ = trim(typ); typ {
	case "text/html":
	case "application/xhtml+xml", "text/xml", "application/xml", "image/svg+xml":
		w.xml = true
	case "":
		if !looksLikeHTML(a.Body) {
			return nil
		}
	default:
		if strings.HasSuffix(typ, "+xml") {
			w.xml = true
			break
		}
		return nil
	}
	return l.mem.document(a.Body, w)
}

func (r *Request) parentless() bool { return r.into != nil && r.into.parent == nil }

// looksLikeHTML sniffs a body without a type (the MIME sniffing standard).
func looksLikeHTML(b []byte) bool {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\n\r\f")
	head := lower(string(b[:min(len(b), 32)]))
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style", "<title", "<b", "<body", "<br", "<p", "<!--"} {
		if rest, ok := strings.CutPrefix(head, tag); ok && (rest == "" || rest[0] == ' ' || rest[0] == '>' || tag == "<!--" || isSpace(rest[0])) {
			return true
		}
	}
	return false
}

// isFont reports whether a body begins as a font does.
func isFont(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	switch string(b[:4]) {
	case "wOF2", "wOFF", "\x00\x01\x00\x00", "OTTO", "true", "ttcf":
		return true
	}
	return false
}

// integrityHolds checks the integrity attribute: the strongest hash that is named counts.
func integrityHolds(want string, body []byte) bool {
	best, ok, known := "", false, false
	for w := range words(want) {
		alg, sum, has := strings.Cut(w, "-")
		if alg = lower(alg); !has || alg < best {
			continue
		}
		sum, _, _ = strings.Cut(sum, "?")
		have := hashOf(alg, body)
		if have == "" {
			continue
		}
		if alg > best {
			ok = false
		}
		best, known = alg, true
		ok = ok || have == sum
	}
	return ok || !known
}

// opaque reports whether the page may not look into the answer: it comes from elsewhere, and was not asked for with CORS.
func (r *Request) opaque() bool { return r.item.mode == noCORS && r.url.origin != r.origin }

// hasHashes reports whether an integrity attribute holds a hash that counts.
func hasHashes(want string) bool {
	for w := range words(want) {
		if alg, _, has := strings.Cut(w, "-"); has && (equalFold(alg, "sha256") || equalFold(alg, "sha384") || equalFold(alg, "sha512")) {
			return true
		}
	}
	return false
}

// hashOf is a hash in base64; "" for an algorithm that is not known.
func hashOf(alg string, body []byte) string {
	var have []byte
	switch alg {
	case "sha256":
		h := sha256.Sum256(body)
		have = h[:]
	case "sha384":
		h := sha512.Sum384(body)
		have = h[:]
	case "sha512":
		h := sha512.Sum512(body)
		have = h[:]
	default:
		return ""
	}
	return base64.StdEncoding.EncodeToString(have)
}

// shared is the answer that all visitors share who got the same.
func (m *Memory) shared(s *stored) *stored {
	h := hashString(s.etag, s.key+s.varying)
	h = hashString(s.modified, h)
	h = hashString(s.location, h) + uint64(s.status)<<32 + uint64(s.control.lifetime)
	h = hashString(lower(s.vary), h)
	if old, ok := m.stored.get(h); ok && old.same(s) {
		return old
	}
	kept := s.clone()
	m.stored.set(h, kept, 0)
	return kept
}

// clone is a copy whose strings are its own: those of an answer live in its buffer.
func (s *stored) clone() *stored {
	k := *s
	for _, p := range []*string{
		&k.etag, &k.modified, &k.location, &k.vary, &k.head.contentType, &k.head.csp, &k.head.link, &k.head.frameOptions, &k.head.allowOrigin, &k.head.refresh,
	} {
		*p = strings.Clone(*p)
	}
	k.vary = lower(k.vary)
	return &k
}

func (s *stored) same(o *stored) bool {
	return s.key == o.key && s.varying == o.varying && s.status == o.status && s.etag == o.etag && s.modified == o.modified && s.location == o.location && (s.vary == o.vary || s.vary == lower(o.vary)) &&
		s.control == o.control && s.head == o.head && s.sheet == o.sheet && s.doc == o.doc && s.module == o.module && s.good == o.good && s.body == o.body
}

// iconFits reports whether an image is of the size that a tab shows: 16 by 16, where it can be told.
func iconFits(b []byte) bool {
	switch {
	case len(b) > 24 && string(b[1:4]) == "PNG":
		return b[18] == 0 && b[19] == 16 && b[22] == 0 && b[23] == 16
	case len(b) > 22 && b[0] == 0 && b[1] == 0 && b[2] == 1:
		for i := 6; i+16 <= len(b) && i < 6+16*int(b[4]); i += 16 {
			if b[i] == 16 {
				return true
			}
		}
	}
	return bytes.Contains(b[:min(len(b), 1024)], []byte("<svg")) // it fits any size
}

func (l *Load) noScript(r *Request) bool {
	if r.into == nil {
		return l.set.NoScript
	}
	return r.into.noScript(l)
}
