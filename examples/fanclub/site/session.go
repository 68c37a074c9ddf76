package site

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The names of the two cookies of a logged-in fan. userId is for scripts on the page to read; only the session is believed.
const (
	userCookie    = "userId"
	sessionCookie = "session"
)

// How long a log-in lasts: until the browser closes and at most half a day, or a month for those who asked to be remembered.
const (
	sessionLife    = 12 * time.Hour
	rememberedLife = 30 * 24 * time.Hour
)

// sessions issues and checks session cookies. A cookie carries the fan's id and the end of the log-in, signed, so the site stores
// nothing per fan and its memory does not grow with them.
type sessions struct {
	key [32]byte // made afresh for each site: a restart logs everybody out
}

func newSessions() *sessions {
	s := new(sessions)
	rand.Read(s.key[:]) // never fails, by its contract
	return s
}

// token is "userId.expiry.signature", expiry in seconds since 1970.
func (s *sessions) token(userID string, expires time.Time) string {
	content := userID + "." + strconv.FormatInt(expires.Unix(), 10)
	return content + "." + s.sign(content)
}

func (s *sessions) sign(content string) string {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(content))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// user is the id inside a token that this site signed and that has not expired by now.
func (s *sessions) user(token string, now time.Time) (userID string, ok bool) {
	end := strings.LastIndexByte(token, '.')
	if end < 0 || !hmac.Equal([]byte(token[end+1:]), []byte(s.sign(token[:end]))) {
		return "", false
	}
	userID, expiry, _ := strings.Cut(token[:end], ".")
	seconds, err := strconv.ParseInt(expiry, 10, 64)
	if err != nil || now.Unix() >= seconds {
		return "", false
	}
	return userID, true
}

// loggedIn reports whether the request carries a session of this site.
func (s *sessions) loggedIn(r *http.Request) bool {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return false
	}
	_, ok := s.user(cookie.Value, time.Now())
	return ok
}

// start sets the cookies of a fan who just logged in.
func (s *sessions) start(w http.ResponseWriter, userID string, remember bool) {
	life, maxAge := sessionLife, 0
	if remember {
		life = rememberedLife
		maxAge = int(rememberedLife / time.Second)
	}
	http.SetCookie(w, &http.Cookie{Name: userCookie, Value: userID, Path: "/", MaxAge: maxAge, SameSite: http.SameSiteLaxMode})
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: s.token(userID, time.Now().Add(life)), Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// end takes the cookies back.
func (s *sessions) end(w http.ResponseWriter) {
	for _, name := range []string{userCookie, sessionCookie} {
		http.SetCookie(w, &http.Cookie{Name: name, Path: "/", MaxAge: -1})
	}
}
