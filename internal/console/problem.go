package console

import (
	"encoding/json"
	"net/http"
)

// Problem is an error for programs: RFC 9457.
type Problem struct {
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Detail string          `json:"detail"`
	Errors []ProblemDetail `json:"errors,omitempty"`
}

// ProblemDetail is one of several mistakes.
type ProblemDetail struct {
	Message  string `json:"message"`
	Location string `json:"location,omitempty" doc:"where in the request: body.users"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the status that huma answers with.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of a problem.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// trouble is a problem of a status.
func trouble(status int, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail}
}

// problem answers with an error.
func problem(w http.ResponseWriter, status int, detail string) {
	writeProblem(w, trouble(status, detail))
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	text, err := json.Marshal(p)
	if err != nil {
		text = []byte(`{}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	if _, err := w.Write(append(text, '\n')); err != nil {
		return // nobody is there to be told
	}
}
