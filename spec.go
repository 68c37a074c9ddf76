package stampede

import (
	"context"
	"reflect"
	"runtime"
	"strings"
	"time"
)

// UserType is a kind of user, made with [Users].
type UserType struct{ t *userType }

// Name is the name of the user type.
func (t UserType) Name() string {
	if t.t == nil {
		return ""
	}
	return t.t.name
}

// Spec describes a kind of user. T is a struct that embeds [HTTPUser] or [User].
type Spec[T any] struct {
	Name   string  // empty means the name of T
	Weight float64 // how many of these for how many others; any positive number; zero means 1
	Fixed  int     // exactly so many, started before weighted ones; zero means by weight
	Host   string  // empty means the plan's
	Tags   []string
	Wait   Wait // between tasks; the zero value is none

	// OnStart runs before the first task. When it fails it is tried again after the wait (at least 1 s), up to Starts times in all;
	// zero means 10. OnStop runs after the last task, with a client that still works, whatever the cause.
	OnStart, OnStop func(*T, context.Context) error
	Starts          int

	Tasks []Task[T]
	Order Order
	// Next gives, for Order Markov, from each task by name the weights of the tasks that may follow. The first task is the first of
	// Tasks.
	Next map[string]map[string]float64

	// Pages are options of every Page of these users; those that a call gives come on top.
	Pages []Option

	// Visit bounds how long one user stays. The zero value means: as long as the run.
	Visit Visit

	// A load of its own, beside that of the plan. At most one of the two; After delays it.
	Users Shape
	Rate  Shape
	After time.Duration

	// New makes the struct of a user; nil means new(T). The embedded HTTPUser is filled in afterwards.
	New func() *T
}

// Visit is how long a user stays: so many tasks, or so long, whichever ends first. In an open model with visits, users arrive, live their
// visit and leave; in a closed model a fresh user takes the place of one whose visit is over.
type Visit struct {
	Tasks int           // zero means no limit
	For   time.Duration // zero means no limit
}

func (v Visit) set() bool { return v.Tasks > 0 || v.For > 0 }

// Task is something a user does. Exactly one of Do, Ask and Set is given.
type Task[T any] struct {
	Name   string  // empty means the name of the method
	Weight float64 // against the other tasks of its set; zero means 1
	Tags   []string
	Do     func(*T, context.Context) error
	Set    *Set[T] // a group of tasks; the user stays in it until it is left

	// Ask is a request, made as [HTTPUser.Do] makes it. Of several each task makes one, in turn over all users.
	//
	// Such a task needs no goroutine while it waits, so a generator can carry more of them. One whose options have checks is run like any other
	// task, and so are all where somebody looks at each request (Test.OnSample).
	Ask []Ask
}

// Order is how a set picks its tasks.
type Order uint8

// The orders.
const (
	Weighted Order = iota // at random by weight
	InOrder               // one after another, again and again
	Once                  // one after another, once; then the set is left (a user at its top leaves)
	Markov                // the next depends on the last: see Next
)

// Set is a group of tasks that a user enters and leaves.
type Set[T any] struct {
	Tasks           []Task[T]
	Order           Order
	Next            map[string]map[string]float64 // for Order Markov, as in Spec
	Wait            *Wait                         // nil means the wait of the set around it
	Stay            int                           // leave after so many tasks; zero means when a task returns ErrLeave
	OnStart, OnStop func(*T, context.Context) error
}

// Users makes a user type of a spec. Mistakes in it are reported when a run starts, together with all others.
func Users[T any, P interface {
	*T
	virtualUser
}](spec Spec[T]) UserType {
	t := &userType{
		name: spec.Name, weight: spec.Weight, fixed: spec.Fixed, host: spec.Host, tags: spec.Tags, starts: spec.Starts,
		visit: spec.Visit, pages: spec.Pages, users: spec.Users, rate: spec.Rate, after: spec.After,
		onStart: erase[T, P](spec.OnStart), onStop: erase[T, P](spec.OnStop),
	}
	if t.name == "" {
		t.name = reflect.TypeFor[T]().Name()
	}
	if t.weight == 0 {
		t.weight = 1
	}
	if t.starts == 0 {
		t.starts = 10
	}
	t.make = func() virtualUser {
		if spec.New != nil {
			return P(spec.New())
		}
		return P(new(T))
	}
	t.http = P(new(T)).core().http != nil
	t.root = compile[T, P](Set[T]{Tasks: spec.Tasks, Order: spec.Order, Next: spec.Next, Wait: &spec.Wait})
	return UserType{t}
}

// behaviour is a method of a user's struct, its type forgotten.
type behaviour func(virtualUser, context.Context) error

func erase[T any, P interface {
	*T
	virtualUser
}](f func(*T, context.Context) error) behaviour {
	if f == nil {
		return nil
	}
	return func(u virtualUser, ctx context.Context) error { return f((*T)(u.(P)), ctx) }
}

func compile[T any, P interface {
	*T
	virtualUser
}](s Set[T]) *taskSet {
	set := &taskSet{
		order: s.Order, chain: s.Next, wait: s.Wait, stay: s.Stay,
		onStart: erase[T, P](s.OnStart), onStop: erase[T, P](s.OnStop),
	}
	for _, t := range s.Tasks {
		n := &task{name: t.Name, weight: t.Weight, tags: t.Tags, do: erase[T, P](t.Do)}
		if n.name == "" && t.Do != nil {
			n.name = methodName(t.Do)
		}
		if len(t.Ask) > 0 {
			n.ask = newAsking(t.Ask)
			if n.name == "" {
				n.name = nameIn(t.Ask[0].Options, t.Ask[0].URL)
			}
		}
		if n.weight == 0 {
			n.weight = 1
		}
		if t.Set != nil {
			n.set = compile[T, P](*t.Set)
		}
		set.tasks = append(set.tasks, n)
	}
	return set
}

// methodName is "FanClub" for (*Fan).FanClub, and "" for a function without a name.
func methodName(f any) string {
	fn := runtime.FuncForPC(reflect.ValueOf(f).Pointer())
	if fn == nil {
		return ""
	}
	name := strings.ReplaceAll(fn.Name(), "[...]", "") // of generic types and functions; it has dots
	name = strings.TrimSuffix(name, "-fm")
	name = name[strings.LastIndexByte(name, '.')+1:]
	if strings.HasPrefix(name, "func") && strings.Trim(name[4:], "0123456789") == "" {
		return ""
	}
	return name
}
