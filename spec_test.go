package stampede

import (
	"context"
	"testing"
)

type plainVisitor struct{ HTTPUser }

func (v *plainVisitor) Browse(context.Context) error { return nil }

type genericVisitor[T any] struct{ HTTPUser }

func (v *genericVisitor[T]) Pay(context.Context) error { return nil }

func wander(*plainVisitor, context.Context) error { return nil }

func repeat[T any](*genericVisitor[T], context.Context) error { return nil }

// A task is called as its method or function is; one without a name gets a number later.
func TestNamesOfTasks(t *testing.T) {
	for _, tt := range []struct {
		do   any
		want string
	}{
		{(*plainVisitor).Browse, "Browse"},
		{new(plainVisitor).Browse, "Browse"},
		{(*genericVisitor[int]).Pay, "Pay"},
		{new(genericVisitor[string]).Pay, "Pay"},
		{wander, "wander"},
		{repeat[int], "repeat"},
		{func(*plainVisitor, context.Context) error { return nil }, ""},
	} {
		if got := methodName(tt.do); got != tt.want {
			t.Errorf("a task is called %q, want %q", got, tt.want)
		}
	}
}
