package site

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
)

// maxForm bounds the body of a log-in, in bytes.
const maxForm = 8 << 10

// logInAnswer is what POST /login says. Exactly one of UserID and Error is set.
type logInAnswer struct {
	Success bool   `json:"success"`
	UserID  string `json:"userId,omitempty"`
	Error   string `json:"error,omitempty"`
}

// logIn checks the form fields email and password, and sets the cookies of a fan who may come in: for a month if rememberMe is set, else
// until the browser closes. A wrong password is not an HTTP error: the status says that the site works, the JSON says who may enter.
func (s *Site) logIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		status := http.StatusBadRequest
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			status = http.StatusRequestEntityTooLarge
		}
		sendJSON(w, status, logInAnswer{Error: "The form could not be read: send email and password URL-encoded."})
		return
	}
	email, password := r.PostForm.Get("email"), r.PostForm.Get("password")
	if email == "" || password == "" {
		sendJSON(w, http.StatusOK, logInAnswer{Error: "Email and password are needed."})
		return
	}
	userID, ok := s.accounts.check(email, password)
	if !ok {
		sendJSON(w, http.StatusOK, logInAnswer{Error: "Email or password is wrong."})
		return
	}
	s.sessions.start(w, userID, wanted(r.PostForm.Get("rememberMe")))
	sendJSON(w, http.StatusOK, logInAnswer{Success: true, UserID: userID})
}

// wanted reads a check box, which browsers send as "on" and programs as "1" or "true".
func wanted(value string) bool {
	switch value {
	case "", "0", "false", "off", "no":
		return false
	}
	return true
}

// logOut takes the cookies back and leads to the home page.
func (s *Site) logOut(w http.ResponseWriter, r *http.Request) {
	s.sessions.end(w)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// health answers at once however many wait, even during a freeze: it is for whoever watches the site, not for fans.
func (s *Site) health(w http.ResponseWriter, _ *http.Request) {
	sendJSON(w, http.StatusOK, struct {
		Status string `json:"status"`
		Stats
	}{"ok", s.Stats()})
}

// sendJSON answers with a value that differs for each request, so no cache may keep it.
func sendJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means the client has gone; there is nobody to tell
}

// retryAfter is a wait as the Retry-After header gives it: whole seconds, rounded up, at least one.
func retryAfter(wait time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
}
