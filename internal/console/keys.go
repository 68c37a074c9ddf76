package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// role is what somebody may do.
type role uint8

const (
	stranger role = iota
	reader
	operator
)

// sessionLength is how long a browser stays logged in.
const sessionLength = 12 * time.Hour

// cookieName is the session of a browser. Its value says the role and the end, signed with a key that is made from the tokens, so that a
// server that was restarted knows it again.
const cookieName = "stampede_session"

// keys knows who is who.
type keys struct {
	access Access
	sign   []byte
	tries  tries
}

func newKeys(a Access) *keys {
	k := &keys{access: a}
	if a.Token == "" && a.Read == "" {
		k.sign = make([]byte, sha256.Size)
		rand.Read(k.sign)
		return k
	}
	sum := sha256.Sum256([]byte("stampede session\x00" + a.Token + "\x00" + a.Read))
	k.sign = sum[:]
	return k
}

// open reports whether whoever reaches the console may do everything.
func (k *keys) open() bool { return k.access.Token == "" }

// of is who asks. A wrong bearer token is nobody, whatever else there is.
func (k *keys) of(r *http.Request) role {
	if auth := r.Header.Get("Authorization"); auth != "" {
		scheme, token, _ := strings.Cut(auth, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return stranger
		}
		return k.role(strings.TrimSpace(token))
	}
	for _, c := range r.CookiesNamed(cookieName) {
		if who := k.session(c.Value); who != stranger {
			return who
		}
	}
	if k.open() {
		return operator
	}
	return stranger
}

// role is what a token is good for, in a time that says nothing about it.
func (k *keys) role(token string) role {
	got := sha256.Sum256([]byte(token))
	who := stranger
	for _, known := range []struct {
		token string
		role  role
	}{{k.access.Read, reader}, {k.access.Token, operator}} {
		want := sha256.Sum256([]byte(known.token))
		if subtle.ConstantTimeCompare(got[:], want[:]) == 1 && known.token != "" {
			who = known.role
		}
	}
	return who
}

// cookie is a session for a role.
func (k *keys) cookie(who role, path string, secure bool, now time.Time) *http.Cookie {
	text := fmt.Sprintf("%d.%d", who, now.Add(sessionLength).Unix())
	return &http.Cookie{
		Name: cookieName, Value: text + "." + k.mac(text), Path: path, HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode,
		MaxAge: int(sessionLength / time.Second),
	}
}

func (k *keys) mac(text string) string {
	m := hmac.New(sha256.New, k.sign)
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// session is the role that a cookie says, stranger when it is not one of ours or over.
func (k *keys) session(value string) role {
	cut := strings.LastIndexByte(value, '.')
	if cut < 0 || len(value) > 200 || !hmac.Equal([]byte(k.mac(value[:cut])), []byte(value[cut+1:])) {
		return stranger
	}
	who, until, _ := strings.Cut(value[:cut], ".")
	end, err := strconv.ParseInt(until, 10, 64)
	if err != nil || time.Now().Unix() >= end {
		return stranger
	}
	switch who {
	case strconv.Itoa(int(reader)):
		return reader
	case strconv.Itoa(int(operator)):
		return operator
	}
	return stranger
}

// How often a token may be wrong within a minute, from one address and in all.
const (
	wrongByOne = 10
	wrongByAll = 200
	wrongSpan  = time.Minute
	mostTried  = 10_000 // addresses that are remembered
)

// tries counts wrong tokens.
type tries struct {
	mu    sync.Mutex
	since time.Time
	all   int
	by    map[string]int
}

// tooMany reports whether an address has to wait, and how long.
func (t *tries) tooMany(from string, now time.Time) (wait time.Duration, yes bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(now)
	if t.all < wrongByAll && t.by[from] < wrongByOne {
		return 0, false
	}
	return wrongSpan - now.Sub(t.since), true
}

// wrong counts one more.
func (t *tries) wrong(from string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(now)
	t.all++
	if len(t.by) < mostTried || t.by[from] > 0 {
		t.by[from]++
	}
}

func (t *tries) forget(now time.Time) {
	if t.by == nil || now.Sub(t.since) >= wrongSpan {
		t.since, t.all, t.by = now, 0, map[string]int{}
	}
}
