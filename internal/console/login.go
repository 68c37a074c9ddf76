package console

import (
	"encoding/json"
	"net/http"
	"time"
)

const loginPath = "/api/v1/login"

// logIn takes a token and gives the browser a session.
func (c *Console) logIn(w http.ResponseWriter, r *http.Request) {
	if err := bodyKind(r); err != nil || r.ContentLength == 0 {
		problem(w, http.StatusUnsupportedMediaType, `send JSON, and say so: Content-Type: application/json, {"token": "..."}`)
		return
	}
	from, now := remote(r), time.Now()
	if wait, yes := c.keys.tries.tooMany(from, now); yes {
		tooManyTries(w, wait)
		return
	}
	var body struct {
		Token string `json:"token"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		problem(w, http.StatusBadRequest, `that is not {"token": "..."}`)
		return
	}
	who := c.keys.role(body.Token)
	if who == stranger {
		c.keys.tries.wrong(from, now)
		problem(w, http.StatusUnauthorized, "that token is not known here")
		return
	}
	http.SetCookie(w, c.keys.cookie(who, c.cookiePath(), secure(r), now))
	c.answer(w, map[string]string{"role": who.String()})
}

// logOut ends the session of a browser.
func (c *Console) logOut(w http.ResponseWriter, r *http.Request) {
	cookie := c.keys.cookie(stranger, c.cookiePath(), secure(r), time.Now())
	cookie.Value, cookie.MaxAge = "", -1
	http.SetCookie(w, cookie)
	w.WriteHeader(http.StatusNoContent)
}

func (c *Console) cookiePath() string {
	if c.cfg.Base == "" {
		return "/"
	}
	return c.cfg.Base
}

// whoAmI says what whoever asks may do.
func (c *Console) whoAmI(w http.ResponseWriter, r *http.Request) {
	c.answer(w, map[string]any{"role": roleOf(r.Context()).String(), "login": !c.keys.open() || c.keys.access.Read != ""})
}

// String is the role for the page.
func (r role) String() string {
	switch r {
	case operator:
		return "operator"
	case reader:
		return "reader"
	default:
		return "stranger"
	}
}

// answer writes JSON.
func (c *Console) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return // whoever asked is gone
	}
}
