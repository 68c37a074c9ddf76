package fleet

import "github.com/stampede-load/stampede"

// Hello is what a worker says of itself when it joins. docs/formats.md has all messages.
type Hello struct {
	Protocol int    `json:"protocol"`
	Version  string `json:"version"` // of stampede
	Key      string `json:"key"`     // public half of its NKey
	Name     string `json:"name"`    // as it wants to be called; empty leaves it to the controller
	Host     string `json:"host"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Cores    int    `json:"cores"`
	Weight   int64  `json:"weight"`         // thousandths; 0 means its cores
	Test     string `json:"test"`           // hash of its test; empty in the stock program
	Binary   string `json:"binary"`         // SHA-256 of its program
	Cost     string `json:"cost,omitempty"` // what it costs in USD an hour, and how that comes about; empty: nobody said
	PID      int    `json:"pid"`            // its process id, of use to a controller on the same machine
}

// Welcome is the answer to Hello. When Problem is set the worker is not let in.
type Welcome struct {
	Problem string  `json:"problem,omitempty"`
	Number  int     `json:"number"`
	Name    string  `json:"name"`
	Fetch   *Bundle `json:"fetch,omitempty"` // it has to run this program instead of its own
}

// Bundle is a program and the files that it needs beside it.
type Bundle struct {
	Program File   `json:"program"`
	Files   []File `json:"files,omitempty"`
}

// File is something that can be fetched by its hash.
type File struct {
	Name string `json:"name"` // relative to the worker's folder, with slashes
	Hash string `json:"hash"` // SHA-256, hex
	Size int64  `json:"size"`
}

// FileRequest asks for a part of a file. The answer is its bytes, with a header Packed when they are compressed, or a header Problem.
type FileRequest struct {
	Hash   string `json:"hash"`
	Offset int64  `json:"offset"`
	Zstd   bool   `json:"zstd,omitempty"` // they may be
}

// Beat is what a worker says once a second.
type Beat struct {
	Sent    int64    `json:"sent"` // its clock, ns
	Run     string   `json:"run,omitempty"`
	State   string   `json:"state"`             // ready, preparing, prepared, running, stopping, ended
	Problem string   `json:"problem,omitempty"` // why it cannot take part in Run
	Known   int      `json:"known"`             // the number of the last order that it knows
	Late    int64    `json:"late,omitempty"`    // ns, by how much an order came after its time, at most
	Left    bool     `json:"left,omitempty"`    // all its users have gone
	Drain   bool     `json:"drain,omitempty"`   // it wants to leave
	Leave   bool     `json:"leave,omitempty"`   // it goes now
	Spent   bool     `json:"spent,omitempty"`   // all its iterations have been begun
	Given   int64    `json:"given,omitempty"`   // iterations that it gave back, in all
	Spool   int      `json:"spool,omitempty"`   // snapshots that the stream does not have yet
	Lost    int64    `json:"lost,omitempty"`    // snapshots for which it had no room
	Offset  int64    `json:"offset"`            // ns, the controller's clock ahead of its own
	Error   int64    `json:"error"`             // ns, how far that can be wrong
	RTT     int64    `json:"rtt"`               // ns
	Level   string   `json:"level,omitempty"`   // its verdict on itself
	Reasons []string `json:"reasons,omitempty"`
}

// Answer is what the controller says to a beat, or in a call.
type Answer struct {
	Now     int64   `json:"now"` // the controller's clock, ns
	Job     *Job    `json:"job,omitempty"`
	Run     string  `json:"run,omitempty"` // which run the orders are of
	Orders  []Order `json:"orders,omitempty"`
	Drop    string  `json:"drop,omitempty"`  // a run that is over: give up what is left of it
	Leave   bool    `json:"leave,omitempty"` // it may go: the controller has no more work
	Problem string  `json:"problem,omitempty"`
}

// Job is a run as its workers get it. It may hold secrets of the settings.
type Job struct {
	Run      string              `json:"run"`
	Command  string              `json:"command"` // run or hit
	Args     []string            `json:"args,omitempty"`
	Settings map[string][]string `json:"settings,omitempty"` // as they were given, without the environment's and the file's detour
	Files    []File              `json:"files,omitempty"`    // that settings name
	Plan     []byte              `json:"plan"`               // stampede.Plan.Carry
	PlanHash string              `json:"plan_hash"`
	Index    int                 `json:"index"`   // the worker's number in this run
	Weights  []int64             `json:"weights"` // of the workers at the start, by index

	Iterations int64 `json:"iterations,omitempty"` // the worker's own, of a plan that wants a number of them
}

// Order is an entry of the log that all workers of a run keep to.
type Order struct {
	Number int    `json:"number"` // 1, 2, 3 ...
	At     int64  `json:"at"`     // run time from which it holds, ns
	Kind   string `json:"kind"`   // start, users, rate, pause, resume, join, leave, more, stop, cancel

	Start  int64   `json:"start,omitempty"`  // start: the controller's clock at run time 0
	Users  int     `json:"users,omitempty"`  // users
	Rate   float64 `json:"rate,omitempty"`   // users, join, leave: users a second; rate: arrivals a second
	Index  int     `json:"index,omitempty"`  // join, leave: who; more: who left them undone
	Part   float64 `json:"part,omitempty"`   // join: of its iterations that are not begun, what each other worker gives back at once
	Counts []int64 `json:"counts,omitempty"` // more: iterations that are dealt out again, by index
	Given  []int64 `json:"given,omitempty"`  // more: of whom they are, who gave them back: by index; nobody left them undone then
	Weight int64   `json:"weight,omitempty"` // join
	First  int     `json:"first,omitempty"`  // join: the first second that it reports
	Reason string  `json:"reason,omitempty"` // stop, cancel, leave
	Drain  bool    `json:"drain,omitempty"`  // leave: in order; the worker goes afterwards
}

// Ended is how a worker's part of a run came to its end.
type Ended struct {
	Index   int     `json:"index"`
	Reason  string  `json:"reason"`
	Elapsed int64   `json:"elapsed"`  // ns
	LoadEnd int64   `json:"load_end"` // ns
	Stuck   int     `json:"stuck"`
	Made    []int64 `json:"made"`
	Picked  []int64 `json:"picked,omitempty"`
	IO      string  `json:"io"`
	Problem string  `json:"problem,omitempty"`
	Lost    int64   `json:"lost,omitempty"` // snapshots for which it had no room

	Pages   []stampede.PagePicture    `json:"pages,omitempty"`
	Foreign map[string]map[string]int `json:"foreign,omitempty"` // by page, the hosts that are not the run's
}
