// Package flow makes of recordings what a person would have written down of them: which pages were opened in which order, what was asked beside them,
// what a value came from. Its [Test] is what package gotest writes.
//
// A recording goes through it in these steps: clean (what is no part of the test goes, with a count), fold (redirects become one request),
// kinds (pages, parts, data), correlate (values), steps (names). With two recordings of one flow the second is aligned to the first, and every
// rule about a value is held against both.
//
// It is pure: the same recordings give the same test, to the byte.
package flow

import "time"

// Test is a test to be written.
type Test struct {
	Name   string
	Site   string   // scheme and host of the site
	Others []string // scheme and host of the site's other hosts
	Tasks  []*Task
	Notes  []string // what the writer of the test should know
	Files  []File   // bodies that are too long for the program
}

// File is a body in a file of its own.
type File struct {
	Name string
	Data []byte
}

// Task is what one recording shows, or one request alone.
type Task struct {
	Name      string // in words
	Doc       string // where it comes from
	Weight    float64
	Steps     []*Step
	Alone     bool // its only step is a task by itself: nothing begins and nothing is left
	Columns   []*Column
	Rows      [][]string
	Low, High time.Duration // between steps
}

// Step is a page or something clicked on it.
type Step struct {
	Name   string // in words
	Method string // in Go
	Doc    string
	Calls  []*Call
	Ends   *Socket // that an earlier step has opened, and no later one needs
}

// Column is a field of the rows that visitors draw from.
type Column struct {
	Name string // in Go
	Why  string
	task *Task
}

// Var is a value that a visitor keeps.
type Var struct {
	Name   string // in Go
	Why    string
	From   *Source // nil when the client makes it
	Made   Made
	Length int // of what is random

	taken string // its value in the recording
	again string // and in the second one
}

// Made is a value that the client makes by itself.
type Made uint8

// What a client makes.
const (
	NotMade     Made = iota
	UUID             // a random UUID
	Seconds          // the time in seconds since 1970
	Millis           // the time in milliseconds since 1970
	ISOTime          // the time as in 2006-01-02T15:04:05.000Z
	RandomHex        // Length random hexadecimal digits
	RandomText       // Length random letters and digits
	RandomDigit      // Length random digits
	Challenge        // base64url(sha256(Var)), as PKCE wants it
)

// Part is a piece of a value: one of its members is set, with Made perhaps Length, or Var that a challenge is made of.
type Part struct {
	Text   string
	Var    *Var
	Column *Column
	Origin int    // 1 is the site, 2 the first of its other hosts, and so on
	Cookie string // the name of a cookie that the visitor has
	Made   Made   // made where it is used
	Length int
}

// Value is what its parts give one behind the other.
type Value []Part

// Constant is the value when it is the same for everybody.
func (v Value) Constant() (string, bool) {
	text := ""
	for i := range v {
		if v[i] != (Part{Text: v[i].Text}) {
			return "", false
		}
		text += v[i].Text
	}
	return text, true
}

// Pair is a name and a value.
type Pair struct {
	Name  string
	Value Value

	raw string // of a query: as it was sent
}

// Call is one request, or one page.
type Call struct {
	Page        bool
	Method      string
	Origin      int    // as in Part
	Path        Value  // without query; begins with a slash
	Fixed       string // the query as far as it is constant, without its question mark
	Query       []*Pair
	Landing     bool   // where the redirect of the call before leads
	Link        *Var   // an earlier answer gave the whole address, but for its query; Path is how it looks. nil for none
	Name        string // "" means the path
	Headers     []*Pair
	Bearer      Value
	Basic       []Value // user and password
	Form        []*Pair
	Files       []Upload
	Parts       bool // the form is sent as one with files
	JSON        *Node
	Body        Value
	BodyFile    string
	BodyType    string
	Expect      []int
	NoRedirects bool
	Gets        []*Var
	Makes       []*Var // before it is sent
	Notes       []string
	Socket      *Socket  // that the call opens; the calls beside it in its step speak over it
	Over        *Socket  // that it speaks over, where another call has opened it
	Said        *Message // with Over: what is sent, nil when the site is only listened to
	Hears       []*Hear  // what of a socket is waited for behind that

	segments []Value
	referer  string
}

// Upload is a file that is sent.
type Upload struct {
	Field, Name, Type string
	File              string // in Test.Files
}

// Node is a value of a JSON document.
type Node struct {
	Kind  NodeKind
	Keys  []string
	Kids  []*Node
	Value Value
}

// NodeKind is the kind of a Node.
type NodeKind uint8

// The kinds of nodes.
const (
	Object NodeKind = iota
	Array
	String
	Number
	Word // true, false, null
)

// Values are all values of a request.
func (c *Call) Values() []Value {
	all := []Value{c.Path, c.Body, c.Bearer}
	all = append(all, c.Basic...)
	if c.Said != nil {
		all = c.Said.JSON.values(append(all, c.Said.Text))
	}
	for _, list := range [][]*Pair{c.Query, c.Headers, c.Form} {
		for _, p := range list {
			all = append(all, p.Value)
		}
	}
	return c.JSON.values(all)
}

func (n *Node) values(all []Value) []Value {
	if n == nil {
		return all
	}
	all = append(all, n.Value)
	for _, k := range n.Kids {
		all = k.values(all)
	}
	return all
}
